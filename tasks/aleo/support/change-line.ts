import type { MappingChange } from "../../../src/aleo/rehearse.ts";
import {
  isList,
  type Plaintext,
  parsePlaintext,
  printPlaintext,
} from "../../../src/aleo/replay/plaintext.ts";

/** An entry with what it was and what it becomes; of a struct that stays only the members that differ. */
export function changeLine({ program, mapping, key, before, after }: MappingChange): string {
  const place = `  ${program}/${mapping}[${key}]:`;
  const [old, now] = [membersOf(before), membersOf(after)];
  if (old === undefined || now === undefined)
    return `${place} ${before ?? "nothing"} -> ${after ?? "nothing"}`;
  const differing = Object.keys(now).filter((name) => shown(old[name]) !== shown(now[name]));
  return `${place} ${differing.map((name) => `${name} ${shown(old[name])} -> ${shown(now[name])}`).join(", ")}`;
}

function membersOf(text: string | undefined): Readonly<Record<string, Plaintext>> | undefined {
  const value = text === undefined ? undefined : parsePlaintext(text);
  if (value === undefined || typeof value === "string" || isList(value)) return undefined;
  return value as Readonly<Record<string, Plaintext>>;
}

function shown(value: Plaintext | undefined): string {
  return value === undefined ? "nothing" : printPlaintext(value);
}
