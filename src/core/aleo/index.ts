/** What binds agents to Aleo accounts, and what the log keeps about both (docs/formats.md section 5). Pure, browser safe. */
export * from "./binding.ts";
export * from "./book.ts";
export * from "./events.ts";
export * from "./names.ts";
export * from "./ports.ts";
export * from "./records.ts";
export * from "./schemas.ts";
export * from "./unbinding.ts";
