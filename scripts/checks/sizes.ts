import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Node } from "oxc-parser";
import { type Fault, lineAt, parseSource, type Source, walk } from "./support/sources.ts";

const MAX_FILE_LINES = 400;
export const MAX_FUNCTION_LINES = 60;

/** Files that may be longer, each with its reason. Keep it short: splitting is nearly always better. */
export const LONGER_FILES: Readonly<Record<string, string>> = {};

const COUNTED = /\.(ts|mts|cts|js|mjs|cjs|sol|circom|sh|bash)$/;
const TYPESCRIPT = /\.(ts|mts|cts)$/;
/** Callbacks of these only group tests; the tests in them are counted one by one. */
const GROUPS = new Set(["describe", "describeOnEither", "context", "suite"]);

/** Files over 400 lines and TypeScript functions over 60, counted from the first line to the closing brace. */
export function findOversized(
  root: string,
  files: readonly string[],
  longerFiles: Readonly<Record<string, string>> = LONGER_FILES,
): Fault[] {
  const counted = files.filter((file) => COUNTED.test(file));
  const gone = Object.keys(longerFiles).filter((file) => !counted.includes(file));
  return [
    ...gone.map((file) => ({
      file,
      line: 1,
      rule: "file-size",
      message: "is on the allow-list but does not exist",
    })),
    ...counted.filter((file) => !(file in longerFiles)).flatMap((file) => oversizedFile(root, file)),
    ...counted
      .filter((file) => TYPESCRIPT.test(file))
      .flatMap((file) => oversizedFunctions(parseSource(root, file))),
  ];
}

function oversizedFile(root: string, file: string): Fault[] {
  const lines = readFileSync(join(root, file), "utf8").trimEnd().split("\n").length;
  if (lines <= MAX_FILE_LINES) return [];
  return [{ file, line: 1, rule: "file-size", message: `${lines} lines, at most ${MAX_FILE_LINES}` }];
}

function oversizedFunctions(source: Source): Fault[] {
  const faults: Fault[] = [];
  walk(source.program, (node, ancestors) => {
    if (!isFunction(node) || groupsTests(ancestors.at(-1))) return;
    const first = lineAt(source.text, node.start);
    const lines = lineAt(source.text, node.end) - first + 1;
    if (lines <= MAX_FUNCTION_LINES) return;
    const message = `a function of ${lines} lines, at most ${MAX_FUNCTION_LINES}`;
    faults.push({ file: source.file, line: first, rule: "function-size", message });
  });
  return faults;
}

function isFunction(node: Node): boolean {
  return (
    node.type === "FunctionDeclaration" ||
    node.type === "FunctionExpression" ||
    node.type === "ArrowFunctionExpression"
  );
}

function groupsTests(parent: Node | undefined): boolean {
  if (parent?.type !== "CallExpression") return false;
  const callee = parent.callee.type === "MemberExpression" ? parent.callee.object : parent.callee;
  return callee.type === "Identifier" && GROUPS.has(callee.name);
}
