import { InputError } from "../../src/core/errors.ts";
import {
  type Fence,
  isFence,
  type Part,
  readAttributes,
  readParts,
  timeoutOf,
} from "../../src/ops/runbooks/index.ts";
import type { Need } from "../test/results.ts";

/** How one `sh` block of a page is run. */
export interface Block {
  /** `README.md:12`: the page, and the line of the fence, from 1. */
  readonly name: string;
  readonly script: string;
  readonly timeoutSeconds: number;
  /** Why it is not run. */
  readonly noRun?: string;
  /** It stays up for the rest of the page; the next block runs once it has printed this text. */
  readonly background?: string;
  /** A program without which it is skipped. */
  readonly needs?: Need;
}

export interface Link {
  readonly line: number;
  /** Relative path as written, without the part after `#`. */
  readonly target: string;
}

export interface Page {
  readonly file: string;
  readonly blocks: readonly Block[];
  readonly links: readonly Link[];
}

const ATTRIBUTES = ["timeout", "no-run", "background", "needs"] as const;

/**
 * Reads a page's fenced blocks and relative links.
 *
 * @throws InputError with page and line for a fence that is never closed, an unknown attribute, a `no-run` without a
 *   reason, or a block of another shell language, which would escape the tests.
 */
export function parsePage(file: string, text: string): Page {
  const parts = readParts(file, text);
  const blocks = parts.filter(isFence).filter(({ language }) => language === "sh");
  return { file, blocks: blocks.map((fence) => blockOf(file, fence)), links: linksIn(parts) };
}

/** A page of which only the links count: its blocks are run elsewhere, and have attributes of their own. */
export function parseLinks(file: string, text: string): Page {
  return { file, blocks: [], links: linksIn(readParts(file, text)) };
}

const linksIn = (parts: readonly Part[]): Link[] =>
  parts.flatMap((part) => (isFence(part) ? [] : linksOf(part.text, part.line)));

function blockOf(file: string, { line, info, content }: Fence): Block {
  const place = `${file}:${line}`;
  const { "no-run": noRun, background, timeout, needs } = readAttributes(place, info, ATTRIBUTES);
  return {
    name: place,
    script: content,
    timeoutSeconds: timeoutOf(place, timeout),
    ...(noRun === undefined ? {} : { noRun }),
    ...(background === undefined ? {} : { background }),
    ...(needs === undefined ? {} : { needs: parseNeed(place, needs) }),
  };
}

function parseNeed(place: string, text: string): Need {
  const [, command, install] = /^([\w.+-]+): (.+)$/.exec(text) ?? [];
  if (command !== undefined && install !== undefined) return { command, install };
  throw InputError.expected(`${place} needs`, '"PROGRAM: the line that installs it"', text);
}

/** Relative targets of Markdown links and images on one line; what is in code spans is no link. */
function linksOf(line: string, number: number): Link[] {
  const prose = line.replace(/`[^`]*`/g, "");
  const targets = [...prose.matchAll(/\]\(\s*<?([^\s)>]+)>?[^)]*\)|^\s*\[[^\]]+\]:\s*(\S+)/g)];
  return targets
    .map((found) => (found[1] ?? found[2] ?? "").replace(/#.*$/, ""))
    .filter((target) => target !== "" && !/^[a-z][a-z0-9+.-]*:/i.test(target))
    .map((target) => ({ line: number, target }));
}
