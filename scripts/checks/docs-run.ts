import { existsSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Failure, RESULT_FILE, type Skip, type SuiteResult } from "../test/results.ts";
import { DOCS_HOST } from "./docs-host/server.ts";
import type { Block, Page } from "./docs-page.ts";
import { isThere } from "./is-there.ts";
import { projectEnv, type Started, start } from "./support/process.ts";
import { duration } from "./support/table.ts";

export interface DocsOptions {
  /** Blocks run here; links start at their page's folder in it. */
  readonly root: string;
  /** One log a block. */
  readonly logFolder: string;
  readonly say: (line: string) => void;
  /** Socket of the process that runs Hardhat commands ({@link DocsHost}); each is a process of its own without it. */
  readonly host?: string;
}

/** Runs a page's blocks in order and checks its links. After a failed block the rest of the page counts as failed. */
export async function runPage(page: Page, options: DocsOptions): Promise<SuiteResult> {
  const result = {
    passed: 0,
    failures: [...deadLinks(page, options.root)],
    skips: [] as Skip[],
    notes: [] as string[],
  };
  const background: Started[] = [];
  let broken: Block | undefined;
  try {
    for (const block of page.blocks) {
      if (block.noRun !== undefined) {
        result.notes.push(`${block.name} is not run: ${block.noRun}`);
        continue;
      }
      if (block.needs !== undefined && !isThere(block.needs.command)) {
        result.skips.push({ title: block.name, need: block.needs });
        continue;
      }
      const wrong =
        broken === undefined ? await runBlock(block, background, options) : `not run: ${broken.name} failed`;
      if (wrong === undefined) result.passed++;
      else result.failures.push({ title: block.name, detail: wrong });
      if (wrong !== undefined) broken ??= block;
    }
  } finally {
    for (const each of background.reverse()) {
      // SIGINT first, as a reader's Ctrl-C would; one that has to be killed does not do what its page says.
      if (await each.stop())
        result.failures.push({ title: page.file, detail: "a background block ignored Ctrl-C" });
    }
  }
  return result;
}

/** What went wrong, or undefined. A background block that is ready is appended to `background`. */
async function runBlock(
  block: Block,
  background: Started[],
  options: DocsOptions,
): Promise<string | undefined> {
  const begun = performance.now();
  const logFile = join(options.logFolder, `${block.name.replace(/[^\w.-]+/g, "-")}.log`);
  rmSync(logFile, { force: true });
  const child = start(["bash", "-euo", "pipefail", "-c", block.script], {
    cwd: options.root,
    // A command that reports results of its own must not report them as ours.
    env: {
      ...readerEnv(options.root),
      [RESULT_FILE]: undefined,
      // What stays up gets Ctrl-C, which is for a process of its own.
      [DOCS_HOST]: block.background === undefined ? options.host : undefined,
    },
    logFile,
  });
  const wrong =
    block.background === undefined
      ? await finished(child, block.timeoutSeconds)
      : await ready(child, block.background, block.timeoutSeconds, background);
  const time = duration((performance.now() - begun) / 1000);
  options.say(`${wrong === undefined ? "✔" : "✘"} ${block.name}  ${time}`);
  return wrong === undefined ? undefined : `${wrong}; all of it is in ${logFile}\n${tail(child.output())}`;
}

/** The project's programs before the machine's, and `npx` by a short way to them. */
function readerEnv(root: string): NodeJS.ProcessEnv {
  const env = projectEnv(root);
  return { ...env, PATH: [join(import.meta.dirname, "docs-bin"), env.PATH].join(delimiter) };
}

async function finished(child: Started, timeoutSeconds: number): Promise<string | undefined> {
  const code = await within(child.ended, timeoutSeconds);
  if (code === undefined) {
    await child.stop(5);
    return `not finished after ${timeoutSeconds} s`;
  }
  if (code !== 0) return `ended with ${code}`;
  // What a finished block leaves behind would meet the next block, and the reader.
  return (await child.stop(2)) ? "left processes running" : undefined;
}

async function ready(
  child: Started,
  text: string,
  timeoutSeconds: number,
  background: Started[],
): Promise<string | undefined> {
  background.push(child);
  let ended: number | undefined;
  void child.ended.then((code) => {
    ended = code;
  });
  const until = performance.now() + timeoutSeconds * 1000;
  while (!child.output().includes(text)) {
    if (ended !== undefined) return `ended with ${ended} before it printed "${text}"`;
    if (performance.now() > until) return `did not print "${text}" within ${timeoutSeconds} s`;
    await sleep(50);
  }
  return undefined;
}

async function within<T>(promise: Promise<T>, seconds: number): Promise<T | undefined> {
  const abort = new AbortController();
  const late = sleep(seconds * 1000, undefined, { signal: abort.signal }).catch(() => undefined);
  const first = await Promise.race([promise, late]);
  abort.abort();
  return first ?? undefined;
}

function deadLinks(page: Page, root: string): Failure[] {
  return page.links
    .filter(
      ({ target }) => !existsSync(join(root, target.startsWith("/") ? "." : dirname(page.file), target)),
    )
    .map(({ line, target }) => ({
      title: `${page.file}:${line}`,
      detail: `links to ${target}, which does not exist`,
    }));
}

function tail(output: string): string {
  return output.trimEnd().split("\n").slice(-40).join("\n");
}
