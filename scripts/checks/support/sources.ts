import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Comment, type Node, parseSync, visitorKeys } from "oxc-parser";
import { run } from "./process.ts";

/** One fault of the tree, as an editor can jump to it. */
export interface Fault {
  /** Relative to the root. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

export function faultLine(fault: Fault): string {
  return `${fault.file}:${fault.line}  ${fault.rule}: ${fault.message}`;
}

/**
 * Files of the repository relative to `root`, forward slashes, sorted: what is tracked, and what would be after `git add`.
 * New files count so that a fault is seen before it is committed.
 */
export async function repositoryFiles(root: string): Promise<string[]> {
  const git = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const listed = await run(git, { cwd: root });
  if (listed.code !== 0) throw new Error(`git ls-files failed in ${root}: ${listed.output}`);
  const files = listed.output.split("\0").filter((file) => file !== "" && existsSync(join(root, file)));
  return [...new Set(files)].sort();
}

/** A parsed TypeScript file. */
export interface Source {
  readonly file: string;
  readonly text: string;
  readonly program: Node;
  readonly comments: readonly Comment[];
}

/** Parses one file; a file that does not parse is an error, since nothing could be said about it. */
export function parseSource(root: string, file: string): Source {
  const text = readFileSync(join(root, file), "utf8");
  const result = parseSync(file, text, { sourceType: "module" });
  const first = result.errors[0];
  if (first !== undefined) throw new Error(`${file} does not parse: ${first.message}`);
  return { file, text, program: result.program, comments: result.comments };
}

/** Line of a character offset, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

/** Visits every node below and including `node`, parents before children. `ancestors` ends with the parent. */
export function walk(
  node: Node,
  visit: (node: Node, ancestors: readonly Node[]) => void,
  ancestors: readonly Node[] = [],
): void {
  visit(node, ancestors);
  const below = [...ancestors, node];
  for (const key of visitorKeys[node.type] ?? []) {
    const child = (node as unknown as Record<string, Node | (Node | null)[] | null | undefined>)[key];
    for (const each of Array.isArray(child) ? child : [child]) {
      if (each !== null && each !== undefined) walk(each, visit, below);
    }
  }
}
