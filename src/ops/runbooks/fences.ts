import { InputError } from "../../core/errors.ts";

/** A fenced block of a page. */
export interface Fence {
  /** Of its first line, from 1. */
  readonly line: number;
  readonly language: string;
  /** What stands behind the language. */
  readonly info: string;
  /** Without the fence's own indentation, without a last newline. */
  readonly content: string;
}

/** A line outside of every block. */
export interface ProseLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** A page in its order. */
export type Part = Fence | ProseLine;

const FENCE = /^(\s*)(`{3,}|~{3,})\s*([^\s`]*)\s*(.*)$/;
/** These would look like commands and never be run. */
const OTHER_SHELLS = new Set(["bash", "shell", "console", "zsh", "shellsession"]);

/**
 * Divides a page into its blocks and the lines between them.
 *
 * @param firstLine Number of the text's first line in its file.
 * @throws InputError with page and line for a fence that is never closed, or a block of another shell's language, which
 *   would escape the tests.
 */
export function readParts(file: string, text: string, firstLine = 1): Part[] {
  const parts: Part[] = [];
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const [found, indent = "", marks = "", language = "", info = ""] = FENCE.exec(lines[i] ?? "") ?? [];
    const line = firstLine + i;
    if (found === undefined) {
      parts.push({ line, text: lines[i] ?? "" });
      continue;
    }
    const end = closing(lines, i, marks);
    if (end === -1)
      throw InputError.expected(`${file}:${line}`, "a fence that is closed", "the end of the page");
    if (OTHER_SHELLS.has(language)) {
      const next = "no-run=REASON for one that is not";
      throw InputError.expected(`${file}:${line}`, "`sh`, so that the block is run", language, next);
    }
    parts.push({ line, language, info, content: body(lines.slice(i + 1, end), indent) });
    i = end;
  }
  return parts;
}

/** Whether a part of a page is a block. */
export const isFence = (part: Part): part is Fence => "language" in part;

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

/**
 * Reads a block's attributes: `name=value`, `name="a value"`, and `no-run=REASON` to the line's end.
 *
 * @param place Page and line, for errors.
 * @throws InputError for a name that is not of `names`, or one without a value.
 */
export function readAttributes<Name extends string>(
  place: string,
  info: string,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  // A reason is prose: without quotes it takes the rest of the line.
  const reason = /(?:^|\s)no-run=([^"].*)$/.exec(info);
  const given = [...info.slice(0, reason?.index).matchAll(/[^\s"]+(?:"[^"]*")?|"[^"]*"/g)].map(
    ([token]) => token,
  );
  const attributes: Partial<Record<Name, string>> = {};
  for (const token of [...given, ...(reason === null ? [] : [`no-run="${reason[1]?.trim()}"`])]) {
    const [, found, quoted, plain] = /^([\w-]+)=(?:"(.*)"|(.*))$/s.exec(token) ?? [];
    const name = names.find((each) => each === found);
    const value = quoted ?? plain ?? "";
    if (name === undefined) throw InputError.expected(`${place} attribute`, names.join(", "), found ?? token);
    if (value.trim() === "") throw InputError.expected(`${place} ${name}`, "a value", "nothing");
    attributes[name] = value;
  }
  return attributes;
}

/** Seconds that a block may take: its `timeout`, or two minutes. @throws InputError for what is no such number. */
export function timeoutOf(place: string, timeout: string | undefined): number {
  const seconds = timeout === undefined ? DEFAULT_TIMEOUT_SECONDS : Number(timeout);
  if (Number.isInteger(seconds) && seconds > 0) return seconds;
  throw InputError.expected(`${place} timeout`, "whole seconds above zero", timeout);
}

const DEFAULT_TIMEOUT_SECONDS = 120;
