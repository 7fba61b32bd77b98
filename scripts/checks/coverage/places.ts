import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Span } from "oxc-parser";
import { isFence, readParts } from "../../../src/ops/runbooks/index.ts";
import type { KnownCommands } from "../commands/known.ts";
import { type Typed, typedCommands } from "../commands/typed.ts";
import { parseSource, walk } from "../support/sources.ts";

/** A text whose commands are run: the `sh` blocks of a page, or a test. */
interface Place {
  readonly file: string;
  readonly content: string;
  /** Lines of commands (`hardhat roles grant`) that are typed in it. */
  readonly commands: ReadonlySet<string>;
}

/** Where commands and calls are run, by what is run. */
export class Places {
  readonly #pages: readonly Place[];
  readonly #tests: readonly Place[];

  /** @param files All of the repository's. */
  constructor(root: string, files: readonly string[], known: KnownCommands) {
    const read = (file: string): string => readFileSync(join(root, file), "utf8");
    // Runbooks first: who looks for a command there wants its page.
    const pages = files
      .filter((file) => /^docs\/.*\.md$|^README\.md$/.test(file))
      .sort(
        (a, b) =>
          Number(b.startsWith("docs/runbooks/")) - Number(a.startsWith("docs/runbooks/")) || (a < b ? -1 : 1),
      );
    this.#pages = pages.map((file) => {
      const content = blocksOf(file, read(file));
      const typed = typedCommands(content).filter(({ words }) => !words.includes("--help"));
      return { file, content, commands: new Set(typed.map((each) => commandOf(each, known))) };
    });
    this.#tests = files
      .filter((file) => /^(test\/(tasks|cli|services|aleo)|scripts\/story)\/.*\.ts$/.test(file))
      .sort()
      .map((file) => ({ file, content: codeOf(root, file), commands: new Set<string>() }));
  }

  /** The first page, else the first test, that runs a command; undefined when none does. */
  ofCommand(command: string): string | undefined {
    const page = this.#pages.find(({ commands }) => commands.has(command));
    if (page !== undefined) return page.file;
    const [program, ...words] = command.split(" ");
    // Hardhat's are typed as a line, the other program's as a list of words.
    const line =
      program === "hardhat"
        ? new RegExp(`["'\`]${words.join(" ")}[\\s"'\`]`)
        : new RegExp(`\\[${words.map((word) => `\\s*"${word}"`).join(",")}[,\\]]`);
    return this.#tests.find(({ content }) => line.test(content))?.file;
  }

  /** The same for a call, by its path with `:name` for what varies. */
  ofCall(path: string): string | undefined {
    const line = new RegExp(`${path.replace(/:\w+/g, "[^/\\s]+")}(?![\\w/])`);
    return [...this.#pages, ...this.#tests].find(({ content }) => line.test(content))?.file;
  }
}

/** The longest command that a typed line begins with. */
export function commandOf({ words }: Typed, known: KnownCommands): string {
  let name = words[0] ?? "";
  let at = 1;
  while (at < words.length && known.has(`${name} ${words[at]}`)) name = `${name} ${words[at++]}`;
  return name;
}

/** The text of a page's `sh` blocks that are run. */
const blocksOf = (file: string, page: string): string =>
  readParts(file, page)
    .filter(isFence)
    .filter(({ language, info }) => language === "sh" && !/(^|\s)no-run=/.test(info))
    .map(({ content }) => content.replaceAll(/^\s*#.*$/gm, ""))
    .join("\n");

/** What a test does: its text without comments and titles, which only speak of commands. */
function codeOf(root: string, file: string): string {
  const { text, program, comments } = parseSource(root, file);
  const silent: Span[] = [...comments];
  walk(program, (node) => {
    if (node.type !== "CallExpression") return;
    const callee = node.callee.type === "MemberExpression" ? node.callee.object : node.callee;
    const title = node.arguments[0];
    if (callee.type === "Identifier" && TITLED.has(callee.name) && title !== undefined) silent.push(title);
  });
  const letters = text.split("");
  for (const { start, end } of silent) letters.fill(" ", start, end);
  return letters.join("");
}

const TITLED = new Set(["describe", "it"]);
