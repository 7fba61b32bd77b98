import { InputError } from "../../core/errors.ts";

/** What a page says of itself before its text: flat `name: value` lines between two lines of `---`. */
export interface FrontMatter {
  readonly fields: Readonly<Record<string, string>>;
  readonly body: readonly string[];
  /** Line at which the body begins, from 1. */
  readonly bodyLine: number;
}

const FIELDS = ["rule", "operation", "severity", "seed", "target", "fault", "no-fault", "inputs"];

/** @throws InputError for a page without it, a name that nobody knows, or one given twice. */
export function readFrontMatter(file: string, text: string): FrontMatter {
  const lines = text.split("\n");
  const end = lines.indexOf("---", 1);
  if (lines[0] !== "---" || end === -1) {
    throw InputError.expected(file, "front matter between two lines of ---", lines[0]);
  }
  const fields: Record<string, string> = {};
  for (const [at, line] of lines.slice(1, end).entries()) {
    const [, name = "", value = ""] = /^([\w-]+):\s*(.*\S)\s*$/.exec(line) ?? [];
    if (!FIELDS.includes(name) || name in fields) {
      throw InputError.expected(`${file}:${at + 2}`, `once each: ${FIELDS.join(", ")}`, line);
    }
    fields[name] = value;
  }
  if (fields.seed === undefined)
    throw InputError.expected(`${file} seed`, "what asks for the page", undefined);
  return { fields, body: lines.slice(end + 1), bodyLine: end + 2 };
}
