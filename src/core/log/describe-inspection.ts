import { HASH_NAMES, type Inspection } from "./inspect.ts";

/**
 * An inspection in lines for a person. What the file has of control characters and the like is escaped: it may come from
 * anybody, and a terminal would obey.
 */
export function describeInspection({ hashes, signature, problems }: Inspection): string[] {
  const width = Math.max(...HASH_NAMES.map((name) => name.length));
  const lines = HASH_NAMES.flatMap((name) => {
    const { declared, computed } = hashes[name];
    const label = name.padEnd(width);
    if (declared !== null && declared === computed) return [`${label}  ${computed}  as declared`];
    const rest = declared === null ? [] : [`${" ".repeat(width)}  ${declared}  declared`];
    return [`${label}  ${computed ?? "cannot be computed from this file"}`, ...rest];
  });
  const all = [
    ...lines,
    `${"agent_signature".padEnd(width)}  ${signature}`,
    ...(problems.length === 0
      ? ["No problem found"]
      : ["", "Problems:", ...problems.map((each) => `- ${each}`)]),
  ];
  return all.map((line) => line.replace(UNSEEN, escaped));
}

const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}]/gu;
const escaped = (character: string): string =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}}`;
