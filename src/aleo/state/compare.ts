import { canonicalPlaintext, isList, type Plaintext } from "../replay/plaintext.ts";
import type { AleoState } from "./state-file.ts";

/** One entry that two states do not have alike. */
export interface Difference {
  /** `program/mapping[key]`, `.member` where both have the entry. */
  readonly place: string;
  /** Undefined: the state has no such entry. */
  readonly left: string | undefined;
  readonly right: string | undefined;
}

/** A part of a place that does not count, e.g. `updated_at` after a restore: the entry was written anew. */
export type Ignored = (program: string, mapping: string, member: string | undefined) => boolean;

/** Every difference between the entries of two states, in the order of programs, mappings and keys. */
export function* differences(
  left: AleoState,
  right: AleoState,
  ignored: Ignored = () => false,
): Generator<Difference> {
  for (const program of names(left.programs, right.programs)) {
    const [a, b] = [left.programs[program]?.mappings ?? {}, right.programs[program]?.mappings ?? {}];
    for (const mapping of names(a, b)) {
      if (ignored(program, mapping, undefined)) continue;
      const skip = (member: string) => ignored(program, mapping, member);
      for (const key of names(a[mapping] ?? {}, b[mapping] ?? {})) {
        yield* entry(`${program}/${mapping}[${key}]`, a[mapping]?.[key], b[mapping]?.[key], skip);
      }
    }
  }
}

/** A difference in one sentence. */
export function describeDifference(
  { place, left, right }: Difference,
  names: readonly [string, string],
): string {
  const shown = (value: string | undefined) => value ?? "nothing";
  return `${place}: ${shown(left)} in ${names[0]}, ${shown(right)} in ${names[1]}`;
}

/** Number of entries of all mappings. */
export function countEntries(state: AleoState): number {
  return Object.values(state.programs)
    .flatMap(({ mappings }) => Object.values(mappings))
    .reduce((sum, entries) => sum + Object.keys(entries).length, 0);
}

function* entry(
  place: string,
  left: Plaintext | undefined,
  right: Plaintext | undefined,
  ignored: (member: string) => boolean,
): Generator<Difference> {
  if (left !== undefined && right !== undefined && isStruct(left) && isStruct(right)) {
    for (const member of names(left, right)) {
      if (!ignored(member)) yield* entry(`${place}.${member}`, left[member], right[member], () => false);
    }
    return;
  }
  const [a, b] = [left, right].map((value) => (value === undefined ? undefined : canonicalPlaintext(value)));
  if (a !== b) yield { place, left: a, right: b };
}

const isStruct = (value: Plaintext): value is { readonly [member: string]: Plaintext } =>
  typeof value !== "string" && !isList(value);

function names(left: object, right: object): string[] {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
}
