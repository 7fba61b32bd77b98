import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { reportResult, type SuiteResult, sumResults } from "../test/results.ts";
import { DocsHost } from "./docs-host/server.ts";
import { type Page, parseLinks, parsePage } from "./docs-page.ts";
import { runPage } from "./docs-run.ts";
import { ROOT, run } from "./support/process.ts";

/** README first, since that is where everyone starts; then the pages by name. */
function pageFiles(root: string): string[] {
  const first = ["README.md", "SECURITY.md"].filter((file) => existsSync(join(root, file)));
  return [...first, ...globSync("docs/**/*.md", { cwd: root }).sort()];
}

/** Their commands are run by scripts/checks/runbooks.ts, on its stage and after their faults; here only their links are looked at. */
const isRunbook = (file: string): boolean => /^docs\/runbooks\/(?!README\.md$)/.test(file);

/** `node scripts/checks/docs.ts [PAGE...]`: runs the commands of the documentation, of all pages or the given ones. */
async function main(chosen: readonly string[]): Promise<number> {
  const files = chosen.length > 0 ? chosen : pageFiles(ROOT);
  const pages = files.map((file): Page => {
    const text = readFileSync(join(ROOT, file), "utf8");
    return isRunbook(file) ? parseLinks(file, text) : parsePage(file, text);
  });
  const before = await gitStatus();
  const results: SuiteResult[] = [];
  const host = await DocsHost.open();
  const options = { root: ROOT, logFolder: "build/test/docs", say: console.log, host: host.socket };
  try {
    for (const page of pages) results.push(await runPage(page, options));
  } finally {
    await host.close();
  }
  const result = sumResults([
    ...results,
    linksResult(pages, results),
    compareStatus(before, await gitStatus()),
  ]);
  for (const { title, detail } of result.failures) console.error(`\n${title}: ${detail}`);
  for (const note of result.notes ?? []) console.log(note);
  for (const { title, need } of result.skips) console.log(`${title} is skipped: ${need?.install}`);
  reportResult(result);
  return result.failures.length === 0 ? 0 : 1;
}

async function gitStatus(): Promise<string> {
  return (await run(["git", "status", "--porcelain"])).output;
}

/** All links together count as one test, so that a page without commands is not nothing. */
function linksResult(pages: readonly Page[], results: readonly SuiteResult[]): SuiteResult {
  const dead = results.some((result) => result.failures.some(({ detail }) => detail.startsWith("links to")));
  const count = pages.reduce((sum, page) => sum + page.links.length, 0);
  if (!dead) console.log(`✔ ${count} relative links lead to files`);
  return { passed: dead ? 0 : 1, failures: [], skips: [] };
}

function compareStatus(before: string, after: string): SuiteResult {
  if (before === after) return { passed: 1, failures: [], skips: [] };
  const detail = `the commands changed the repository\nbefore:\n${before}\nafter:\n${after}`;
  return { passed: 0, failures: [{ title: "git status", detail }], skips: [] };
}

process.exitCode = await main(process.argv.slice(2));
