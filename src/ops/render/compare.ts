import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeFileDurably } from "../../chain/files.ts";
import type { RenderedFile } from "./rendered.ts";

/** How a file of a folder differs from its rendering. */
export interface Difference {
  /** Relative to the folder. */
  readonly path: string;
  readonly is: "missing" | "changed" | "left over";
  /** Of the first line that is another one, from 1. */
  readonly line?: number;
}

/** Folders that hold nothing but renderings, so that another file in them is left over from a rule that is no more. */
const WHOLLY_RENDERED: ReadonlySet<string> = new Set([
  "prometheus/rules",
  "prometheus/tests",
  "grafana",
  "oz-monitor/monitors",
]);

/**
 * What would have to change in a folder.
 *
 * @param prefix What names of left over files begin with, where several renderings share a folder.
 */
export function compareFolder(folder: string, files: readonly RenderedFile[], prefix = ""): Difference[] {
  const differences = files.flatMap(({ path, text }): Difference[] => {
    const full = join(folder, path);
    if (!existsSync(full)) return [{ path, is: "missing" }];
    const there = readFileSync(full, "utf8");
    return there === text ? [] : [{ path, is: "changed", line: firstDifference(there, text) }];
  });
  const rendered = new Set(files.map(({ path }) => path));
  const folders = new Set(files.map(({ path }) => dirname(path)));
  for (const inside of [...folders].filter((path) => WHOLLY_RENDERED.has(path))) {
    const full = join(folder, inside);
    for (const name of existsSync(full) ? readdirSync(full).sort() : [])
      if (name.startsWith(prefix) && !rendered.has(`${inside}/${name}`))
        differences.push({ path: `${inside}/${name}`, is: "left over" });
  }
  return differences;
}

/** Makes a folder as it would be rendered; returns what had to change. */
export function writeFolder(folder: string, files: readonly RenderedFile[], prefix = ""): Difference[] {
  const differences = compareFolder(folder, files, prefix);
  for (const { path, is } of differences) {
    const text = files.find((file) => file.path === path)?.text;
    if (is === "left over" || text === undefined) rmSync(join(folder, path));
    else writeFileDurably(join(folder, path), text);
  }
  return differences;
}

/** One line for a person. */
export function differenceLine({ path, is, line }: Difference): string {
  return `${is.padEnd(9)}  ${path}${line === undefined ? "" : `:${line}`}`;
}

function firstDifference(there: string, text: string): number {
  const lines = text.split("\n");
  const at = there.split("\n").findIndex((line, i) => line !== lines[i]);
  return (at === -1 ? there.split("\n").length : at) + 1;
}
