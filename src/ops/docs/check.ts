import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { runProgram } from "../security/program.ts";
import { type DocsPage, readPage } from "./page.ts";

/** What is wrong with a page. */
export interface DocsFault {
  readonly file: string;
  readonly line: number;
  readonly fault: string;
}

/** A page that was not read again since what it is about changed. */
export interface StalePage {
  readonly file: string;
  /** RFC 3339, UTC: of the last commit that changed it. */
  readonly changed: string;
  /** Files it names that changed so much later. */
  readonly behind: readonly string[];
}

export interface DocsReport {
  readonly pages: number;
  readonly links: number;
  readonly paths: number;
  readonly faults: readonly DocsFault[];
  /** Undefined where git does not tell when files changed. */
  readonly stale: readonly StalePage[] | undefined;
}

const DAY = 86_400;

/** Links, the files that pages name, and how old pages are against those. @param days A page may be behind so long. */
export async function checkDocs(root: string, days: number): Promise<DocsReport> {
  const pages = readPages(root);
  const times = await commitTimes(root);
  return {
    pages: pages.size,
    links: count(pages, ({ links }) => links),
    paths: count(pages, ({ paths }) => paths),
    faults: [...pages.values()].flatMap((page) => faultsOf(root, page, pages)),
    stale: times === undefined ? undefined : stalePages(pages, times, days * DAY),
  };
}

function readPages(root: string): Map<string, DocsPage> {
  const files = [...globSync("*.md", { cwd: root }), ...globSync("docs/**/*.md", { cwd: root })].sort();
  return new Map(files.map((file) => [file, readPage(file, readFileSync(join(root, file), "utf8"))]));
}

function faultsOf(root: string, page: DocsPage, pages: ReadonlyMap<string, DocsPage>): DocsFault[] {
  const { file, links, paths } = page;
  const dead = links.flatMap(({ line, text }) => {
    const [target = "", anchor] = text.split("#");
    const path = target === "" ? file : normalize(join(dirname(file), decodeURI(target)));
    if (!existsSync(join(root, path))) return [{ file, line, fault: `links to ${text}, which is not there` }];
    const other = pages.get(path);
    return anchor === undefined || other === undefined || other.anchors.has(anchor)
      ? []
      : [{ file, line, fault: `links to ${text}, and ${path} has no such heading` }];
  });
  const gone = paths
    .filter(({ text }) => !existsSync(join(root, text)))
    .map(({ line, text }) => ({ file, line, fault: `names ${text}, which is not there` }));
  return [...dead, ...gone];
}

/** When each file last changed, unix time; undefined without git, or with a cut-off history. */
async function commitTimes(root: string): Promise<ReadonlyMap<string, number> | undefined> {
  const git = ["git", "-C", root];
  const shallow = await runProgram([...git, "rev-parse", "--is-shallow-repository"], { timeoutSeconds: 30 });
  if (shallow.code !== 0 || shallow.output.trim() !== "false") return undefined;
  const log = await runProgram([...git, "log", "--format=commit %ct", "--name-only"], {
    timeoutSeconds: 120,
  });
  if (log.code !== 0) return undefined;
  const times = new Map<string, number>();
  let time = 0;
  for (const line of log.output.split("\n")) {
    if (line.startsWith("commit ")) time = Number(line.slice(7));
    else if (line !== "" && !times.has(line)) times.set(line, time);
  }
  return times;
}

function stalePages(
  pages: ReadonlyMap<string, DocsPage>,
  times: ReadonlyMap<string, number>,
  seconds: number,
): StalePage[] {
  return [...pages.values()].flatMap(({ file, paths }) => {
    const changed = times.get(file);
    if (changed === undefined) return [];
    const named = [...new Set(paths.map(({ text }) => text))];
    const behind = named.filter((path) => (times.get(path) ?? 0) > changed + seconds);
    return behind.length === 0 ? [] : [{ file, changed: new Date(changed * 1000).toISOString(), behind }];
  });
}

function count(pages: ReadonlyMap<string, DocsPage>, of: (page: DocsPage) => readonly unknown[]): number {
  return [...pages.values()].reduce((sum, page) => sum + of(page).length, 0);
}
