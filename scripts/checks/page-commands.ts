import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isFence, type Part, readParts } from "../../src/ops/runbooks/index.ts";
import { type KnownCommands, knownCommands } from "./commands/known.ts";
import { faultOf, typedCommands } from "./commands/typed.ts";
import { ROOT } from "./support/process.ts";
import { type Fault, lineAt, repositoryFiles } from "./support/sources.ts";

const PAGE = /^(README|SECURITY|docs\/.*)\.md$/;

/** What a page has that somebody may type: a block, run or not, or a code span. */
interface Script {
  readonly text: string;
  /** In the page, from 1. */
  readonly line: number;
}

/** Commands of README.md, SECURITY.md and docs/ that do not exist, or have an option or a word that they do not take. */
export async function findCommandFaults(root: string = ROOT): Promise<Fault[]> {
  const known = await knownCommands();
  const files = (await repositoryFiles(root)).filter((file) => PAGE.test(file));
  return files.flatMap((file) => pageCommandFaults(file, readFileSync(join(root, file), "utf8"), known));
}

/** The same of one page. */
export function pageCommandFaults(file: string, text: string, known: KnownCommands): Fault[] {
  const parts = readParts(file, text);
  const blocks = parts.flatMap((part): Script[] =>
    isFence(part) ? [{ text: part.content, line: part.line + 1 }] : [],
  );
  const options = optionsIn(blocks);
  return [...blocks, ...spansOf(parts)].flatMap((script) =>
    typedCommands(filled(script.text, options)).flatMap((typed) => {
      const message = faultOf(typed, known);
      const line = script.line + typed.line - 1;
      return message === undefined ? [] : [{ file, line, rule: "commands", message }];
    }),
  );
}

/** Code spans of the prose, each with its line's number; one may be broken over lines, but not over an empty one. */
function spansOf(parts: readonly Part[]): Script[] {
  // A block ends a paragraph, as an empty line does. All lines are kept, so that they can be counted.
  const prose = parts.map((part) =>
    isFence(part) ? "\n".repeat(part.content.split("\n").length + 1) : part.text,
  );
  const text = prose.join("\n");
  return [...text.matchAll(/(?<!`)(`+)(?!`)((?:(?!\n\s*\n).)+?)(?<!`)\1(?!`)/gs)].map((span) => ({
    text: asTyped((span[2] ?? "").replaceAll(/\s+/g, " ").trim()),
    line: lineAt(text, span.index),
  }));
}

/** Prose names our programs also without `npx`. */
const asTyped = (span: string): string => (/^(hardhat|proofx) [a-z]/.test(span) ? `npx ${span}` : span);

/** Options that a page keeps in a variable (`STREAM="--url … --store …"`), by its name. */
function optionsIn(blocks: readonly Script[]): ReadonlyMap<string, string> {
  const set = blocks.flatMap(({ text }) => [...text.matchAll(/^(\w+)="(--[^"]*)"$/gm)]);
  return new Map(set.map(([, name = "", value = ""]) => [name, value]));
}

/** A script with those written out where the shell takes them apart: outside quotes. */
const filled = (script: string, options: ReadonlyMap<string, string>): string =>
  script.replaceAll(/(?<=\s)\$(\w+)(?=\s|$)/g, (all, name: string) => options.get(name) ?? all);
