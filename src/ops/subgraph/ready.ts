import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { errorCode, InputError, UnavailableError } from "../../core/errors.ts";

/** A query that somebody wrote down and a test runs. */
export interface ReadyQuery {
  readonly name: string;
  /** Names of the variables it asks for. */
  readonly variables: readonly string[];
  readonly text: string;
}

const PAGE = resolve(import.meta.dirname, "../../../docs/subgraph.md");
const BLOCK = /```graphql\n(query (\w+)(?:\(([^)]*)\))? \{[\s\S]*?)```/g;

/** The queries of the page about the subgraph, in its order. */
export function readyQueries(page: string = PAGE): ReadyQuery[] {
  let text: string;
  try {
    text = readFileSync(page, "utf8");
  } catch (cause) {
    throw new UnavailableError(`${page} cannot be read (${errorCode(cause)})`, { cause });
  }
  return [...text.matchAll(BLOCK)].map(([, query = "", name = "", variables = ""]) => ({
    name,
    variables: [...variables.matchAll(/\$(\w+)/g)].map(([, variable = ""]) => variable),
    text: query,
  }));
}

/** One of them; {@link InputError} with all names when there is none of that name. */
export function readyQuery(name: string): ReadyQuery {
  const all = readyQueries();
  const one = all.find((query) => query.name === name);
  if (one === undefined)
    throw InputError.expected("query", `one of ${all.map((query) => query.name).join(", ")}`, name);
  return one;
}

/**
 * The same query, asked of an earlier block.
 *
 * @param text One operation; every field of its outermost level is asked of that block.
 */
export function atBlock(text: string, block: number): string {
  let depth = 0;
  return text
    .split("\n")
    .map((line) => {
      const changed = depth === 1 ? withBlock(line, block) : line;
      for (const sign of line.replace(/\([^)]*\)/g, "")) depth += sign === "{" ? 1 : sign === "}" ? -1 : 0;
      return changed;
    })
    .join("\n");
}

function withBlock(line: string, block: number): string {
  return line.replace(/^(\s*\w+)(?:\((.*?)\))?(?= \{)/, (_all, field: string, given?: string) => {
    const rest = given === undefined ? "" : `${given}, `;
    return `${field}(${rest}block: { number: ${block} })`;
  });
}
