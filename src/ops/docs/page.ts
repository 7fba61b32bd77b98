/** Something that a page names. */
export interface Named {
  readonly line: number;
  /** As written. */
  readonly text: string;
}

/** A page of the documentation, as far as it names other things. */
export interface DocsPage {
  /** Relative to the root. */
  readonly file: string;
  /** Relative links, with what is after `#`. */
  readonly links: readonly Named[];
  /** Paths of the repository in code marks. */
  readonly paths: readonly Named[];
  /** Anchors of its headings, as forges make them. */
  readonly anchors: ReadonlySet<string>;
}

const FENCE = /^\s*(`{3,}|~{3,})/;
const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;
const CODE = /`([^`]+)`/g;
/** Folders whose files a page may name; with a placeholder or a pattern in it, it names no one file. */
const PATH =
  /^(?:src|docs|contracts|circuits|config|infra|test|scripts|tasks|leo|bench|ceremony|subgraph)\/[\w./-]+$/;

/** Reads what a page names outside its fenced blocks; those are run by the tests. */
export function readPage(file: string, text: string): DocsPage {
  const [links, paths]: [Named[], Named[]] = [[], []];
  const anchors = new Set<string>();
  let fence: string | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const marks = FENCE.exec(line)?.[1];
    if (marks !== undefined && (fence === undefined || line.trim().startsWith(fence))) {
      fence = fence === undefined ? marks : undefined;
      continue;
    }
    if (fence !== undefined) continue;
    const heading = /^#{1,6}\s+(.*)$/.exec(line)?.[1];
    if (heading !== undefined) addAnchor(anchors, heading);
    const at = (text: string): Named => ({ line: index + 1, text });
    for (const [, target = ""] of line.replaceAll(CODE, "").matchAll(LINK))
      if (!/^[a-z][a-z+.-]*:/i.test(target)) links.push(at(target));
    // Of a link's text that is code, the code mark stays: both are looked at.
    for (const [, code = ""] of line.matchAll(CODE))
      if (PATH.test(code) && !isPlaceholder(code)) paths.push(at(code));
  }
  return { file, links, paths, anchors };
}

function isPlaceholder(path: string): boolean {
  return path.split("/").some((part) => /^[A-Z]{2,}(\.\w+)?$/.test(part) && part !== "README.md");
}

/** A second heading of the same words gets a number. */
function addAnchor(anchors: Set<string>, heading: string): void {
  const base = heading
    .replaceAll(/[`*]|\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");
  let anchor = base;
  for (let count = 1; anchors.has(anchor); count++) anchor = `${base}-${count}`;
  anchors.add(anchor);
}
