import { isName, requireName } from "../key-file.ts";

/** What {@link isNamePattern} accepts, for error texts. */
export const NAME_PATTERN_FORM = 'a key name, or the beginning of one and "*"';

const VERSION = /^(.+)\.v(\d{1,6})$/;

/** Whether a text is a key name, or the beginning of one (or nothing) and `*`. */
export function isNamePattern(text: string): boolean {
  return isName(text) || text === "*" || (text.endsWith("*") && isName(text.slice(0, -1)));
}

/** Whether a pattern covers a key; a key's versions belong to its first name. */
export function matchesPattern(pattern: string, name: string): boolean {
  const first = firstName(name);
  return pattern.endsWith("*")
    ? first.startsWith(pattern.slice(0, -1))
    : first === pattern || name === pattern;
}

/** The name a key had before it was ever rotated: `signer` of `signer.v3`. */
function firstName(name: string): string {
  return VERSION.exec(name)?.[1] ?? name;
}

/** Those of the names that are versions of the same key, oldest first. */
export function versionsOf(name: string, names: readonly string[]): string[] {
  return names
    .filter((other) => firstName(other) === firstName(name))
    .sort((a, b) => versionOf(a) - versionOf(b));
}

/**
 * The next version's name: `signer.v2` after `signer`, above every version there is.
 *
 * @throws InputError when it would be too long.
 */
export function nextName(name: string, taken: readonly string[]): string {
  const newest = Math.max(...versionsOf(name, [name, ...taken]).map(versionOf));
  return requireName(`${firstName(name)}.v${newest + 1}`);
}

function versionOf(name: string): number {
  return Number(VERSION.exec(name)?.[2] ?? 1);
}
