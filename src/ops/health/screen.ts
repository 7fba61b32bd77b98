import type { Health, HealthLine, PartHealth } from "./examine.ts";

const SIGNS = { ok: "ok     ", wrong: "WRONG  ", unknown: "UNKNOWN", absent: "-      " } as const;
/** Lines of a part that are well and of no interest one by one are counted. */
const MOST_WELL = 2;

/** The report on one screen: a line a part, more only where something is wrong. */
export function screenOf({ at, ok, parts }: Health, everything = false): string[] {
  const bad = parts.filter(({ status }) => status === "wrong" || status === "unknown").length;
  return [
    ...parts.flatMap((part) => linesOf(part, everything)),
    `${at}: ${ok ? "nothing is wrong" : `${bad} ${bad === 1 ? "part needs" : "parts need"} somebody`}`,
  ];
}

function linesOf({ part, status, lines, next }: PartHealth, everything: boolean): string[] {
  const shown = everything ? lines : shorten(lines);
  const texts = status === "absent" ? ["not looked at"] : shown.map(({ text }) => text);
  const told = [...texts, ...(status === "absent" && !everything ? [] : next.map((text) => `next: ${text}`))];
  return told.map((text, index) =>
    index === 0 ? `${SIGNS[status]}  ${part.padEnd(12)}  ${text}` : `${" ".repeat(23)}${text}`,
  );
}

function shorten(lines: readonly HealthLine[]): readonly HealthLine[] {
  const bad = lines.filter(({ status }) => status !== "ok");
  if (bad.length > 0) return bad;
  if (lines.length <= MOST_WELL) return lines;
  const [first] = lines;
  if (first === undefined) return [];
  return [{ ...first, text: `${first.text}; and ${lines.length - 1} more, all well` }];
}
