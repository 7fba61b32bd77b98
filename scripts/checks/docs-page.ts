import { InputError } from "../../src/core/errors.ts";
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

const DEFAULT_TIMEOUT_SECONDS = 120;

const FENCE = /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)\s*(.*)$/;
/** These would look like commands and never be run. */
const OTHER_SHELLS = new Set(["bash", "shell", "console", "zsh", "shellsession"]);

/**
 * Reads a page's fenced blocks and relative links.
 *
 * @throws InputError with page and line for a fence that is never closed, an unknown attribute, a `no-run` without a
 *   reason, or a block of another shell language, which would escape the tests.
 */
export function parsePage(file: string, text: string): Page {
  const blocks: Block[] = [];
  const links: Link[] = [];
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const fence = FENCE.exec(lines[i] ?? "");
    if (fence === null) {
      links.push(...linksOf(lines[i] ?? "", i + 1));
      continue;
    }
    const end = closing(lines, i, fence[2] ?? "");
    const place = `${file}:${i + 1}`;
    if (end === -1) throw InputError.expected(place, "a fence that is closed", "the end of the page");
    const block = blockOf(
      place,
      fence[3] ?? "",
      fence[4] ?? "",
      body(lines.slice(i + 1, end), fence[1] ?? ""),
    );
    if (block !== undefined) blocks.push(block);
    i = end;
  }
  return { file, blocks, links };
}

function closing(lines: readonly string[], open: number, marks: string): number {
  return lines.findIndex((line, i) => {
    const text = line.trim();
    return i > open && text.startsWith(marks) && text.replaceAll(marks[0] ?? "", "") === "";
  });
}

function body(lines: readonly string[], indent: string): string {
  return lines
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()))
    .join("\n");
}

function blockOf(place: string, language: string, info: string, script: string): Block | undefined {
  if (OTHER_SHELLS.has(language)) {
    throw InputError.expected(
      place,
      "`sh`, so that the block is run",
      language,
      "no-run=REASON for one that is not",
    );
  }
  if (language !== "sh") return undefined;
  const attributes = parseAttributes(place, info);
  const { "no-run": noRun, background, timeout, needs } = attributes;
  const timeoutSeconds = timeout === undefined ? DEFAULT_TIMEOUT_SECONDS : Number(timeout);
  if (!Number.isInteger(timeoutSeconds) || timeoutSeconds <= 0) {
    throw InputError.expected(`${place} timeout`, "whole seconds above zero", timeout);
  }
  return {
    name: place,
    script,
    timeoutSeconds,
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

const ATTRIBUTES = new Set(["timeout", "no-run", "background", "needs"]);

function parseAttributes(place: string, info: string): Record<string, string> {
  // A reason is prose: without quotes it takes the rest of the line.
  const reason = /(?:^|\s)no-run=([^"].*)$/.exec(info);
  const attributes: Record<string, string> = reason === null ? {} : { "no-run": (reason[1] ?? "").trim() };
  for (const [token] of info.slice(0, reason?.index).matchAll(/[^\s"]+(?:"[^"]*")?|"[^"]*"/g)) {
    const [, name, quoted, plain] = /^([\w-]+)=(?:"([^"]*)"|(.*))$/.exec(token) ?? [];
    const value = quoted ?? plain ?? "";
    if (name === undefined || !ATTRIBUTES.has(name)) {
      throw InputError.expected(`${place} attribute`, [...ATTRIBUTES].join(", "), name ?? token);
    }
    if (value.trim() === "") throw InputError.expected(`${place} ${name}`, "a value", "nothing");
    attributes[name] = value;
  }
  return attributes;
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
