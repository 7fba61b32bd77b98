import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { errorCode, InputError, UnavailableError } from "../../core/errors.ts";
import { parseRunbook, type Runbook } from "./page.ts";

/** Where the pages are. */
export const RUNBOOK_FOLDER = resolve(import.meta.dirname, "../../../docs/runbooks");

/** Names of all pages, in order; the folder's own README is none. */
export function runbookNames(folder: string = RUNBOOK_FOLDER): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(".md") && file !== "README.md")
      .map((file) => file.slice(0, -".md".length))
      .sort();
  } catch (cause) {
    throw new UnavailableError(`${folder} cannot be read (${errorCode(cause)})`, {
      cause,
      next: "runbooks are part of a checkout: run the command in one",
    });
  }
}

/** @throws InputError for a name without a page, or a page that is not of the form. */
export function readRunbook(name: string, folder: string = RUNBOOK_FOLDER): Runbook {
  const names = runbookNames(folder);
  const found = names.find((each) => each.toLowerCase() === name.toLowerCase());
  if (found === undefined) {
    const alike = names.filter((each) => each.toLowerCase().includes(name.toLowerCase()));
    throw InputError.expected(
      "runbook",
      "a rule's id or an operation's name",
      name,
      alike.length > 0 ? `perhaps ${alike.join(", ")}` : "npx proofx runbook list",
    );
  }
  return parseRunbook(found, readFileSync(join(folder, `${found}.md`), "utf8"));
}

/** All pages. */
export function readRunbooks(folder: string = RUNBOOK_FOLDER): Runbook[] {
  return runbookNames(folder).map((name) => readRunbook(name, folder));
}
