import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Expression, parseSync, type Statement } from "oxc-parser";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Leaves of a contract's behaviour tree, each as `context > context > leaf`. Leaves are the lines without deeper ones. */
export function leavesOfTree(markdown: string): string[] {
  const lines = markdown.split("\n").flatMap((line) => {
    const match = /^( *)- (.+)$/.exec(line);
    return match === null ? [] : [{ depth: (match[1] ?? "").length / 2, text: match[2] ?? "" }];
  });
  const path: string[] = [];
  return lines.flatMap(({ depth, text }, i) => {
    path.splice(depth, path.length, text);
    return (lines[i + 1]?.depth ?? 0) > depth ? [] : [path.join(" > ")];
  });
}

/** Tests of a contract in `test/contracts/<contract>*.test.ts`, in the same form, read from the sources. */
export function testsOf(contract: string): string[] {
  return globSync(`test/contracts/${contract}*.test.ts`, { cwd: ROOT })
    .sort()
    .flatMap((file) => testsIn(readFileSync(join(ROOT, file), "utf8"), contract));
}

export function testsIn(source: string, contract: string): string[] {
  const { program } = parseSync("a.test.ts", source);
  return callsIn(program.body).flatMap(({ name, title, body }) =>
    name === "describe" && title === contract ? leaves(body, []) : [],
  );
}

export function treeOf(contract: string): string {
  return readFileSync(join(ROOT, "docs/behaviour", `${contract}.md`), "utf8");
}

function leaves(body: readonly Statement[], path: readonly string[]): string[] {
  return callsIn(body).flatMap(({ name, title, body: inner }) => {
    if (name === "it") return [[...path, title].join(" > ")];
    return name === "context" ? leaves(inner, [...path, title]) : [];
  });
}

interface Call {
  readonly name: string;
  readonly title: string;
  readonly body: readonly Statement[];
}

/** Calls of the form `name("title", () => { body })` that stand alone as statements. */
function callsIn(body: readonly Statement[]): Call[] {
  return body.flatMap((statement) => {
    const call = statement.type === "ExpressionStatement" ? statement.expression : undefined;
    if (call?.type !== "CallExpression" || call.callee.type !== "Identifier") return [];
    const [title, action] = call.arguments as readonly Expression[];
    if (title?.type !== "Literal" || typeof title.value !== "string") return [];
    const inner = action?.type === "ArrowFunctionExpression" ? action.body : undefined;
    return [
      {
        name: call.callee.name,
        title: title.value,
        body: inner?.type === "BlockStatement" ? inner.body : [],
      },
    ];
  });
}
