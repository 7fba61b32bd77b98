import { parse, stringify } from "yaml";
import { CheckError } from "../../../src/core/errors.ts";
import { AREAS } from "../../../src/ops/monitors/index.ts";
import type { Rule } from "../../../src/ops/monitors/rule.ts";
import { renderPrometheus } from "../../../src/ops/render/prometheus.ts";
import type { RenderedFile } from "../../../src/ops/render/rendered.ts";

/** How many times faster a rehearsal plays what the rules count in minutes. */
export const SPEED = 60;

type Areas = Readonly<Record<string, readonly Rule[]>>;

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};
const PART = /(\d+)(ms|[smhdwy])/g;
/** Strings are gone over, so that nothing inside them is taken for a duration. */
const STRING_OR_DURATION = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?<![\w.])(?:\d+(?:ms|[smhdwy]))+(?!\w)/g;

/**
 * One duration in Prometheus' notation, {@link SPEED} times shorter.
 *
 * @throws CheckError for what is none, or does not come out in whole milliseconds.
 */
export function shorter(duration: string): string {
  if (!/^(?:\d+(?:ms|[smhdwy]))+$/.test(duration)) throw new CheckError(`${duration} is no duration`);
  let total = 0;
  for (const [, count, unit = ""] of duration.matchAll(PART)) total += Number(count) * (UNITS[unit] ?? 0);
  const played = total / SPEED;
  if (!Number.isInteger(played)) throw new CheckError(`${duration} cannot be played ${SPEED} times faster`);
  return played % 1000 === 0 ? `${played / 1000}s` : `${played}ms`;
}

/** An expression of PromQL whose ranges and offsets are {@link SPEED} times shorter; limits and labels stay. */
export function sooner(expression: string): string {
  return expression.replaceAll(STRING_OR_DURATION, (found) =>
    found.startsWith('"') || found.startsWith("'") ? found : shorter(found),
  );
}

/**
 * The rendered alert rules about metrics as a rehearsal plays them: minutes are seconds, an hour is a minute, a day is 24. Those
 * about states are the watcher's, which a rehearsal waits for by itself.
 */
export function playedRules(areas: Areas = AREAS): RenderedFile[] {
  return rendered(areas)
    .filter(({ path }) => path.startsWith("prometheus/rules/"))
    .map(({ path, text }) => ({ path, text: played(text, ["expr"], ["for"]) }));
}

/** promtool's cases of them, with values a second apart. */
export function playedCases(areas: Areas = AREAS): RenderedFile[] {
  return rendered(areas)
    .filter(({ path }) => path.startsWith("prometheus/tests/"))
    .map(({ path, text }) => ({
      path,
      text: played(text, [], ["interval", "evaluation_interval", "eval_time"]),
    }));
}

function rendered(areas: Areas): RenderedFile[] {
  const metric = Object.entries(areas).map(([area, rules]) => [
    area,
    rules.filter(({ source }) => source.kind === "metric"),
  ]);
  return renderPrometheus(Object.fromEntries(metric));
}

function played(text: string, expressions: readonly string[], durations: readonly string[]): string {
  const document: unknown = parse(text, (key, value: unknown) => {
    if (typeof key !== "string" || typeof value !== "string") return value;
    if (expressions.includes(key)) return sooner(value);
    return durations.includes(key) ? shorter(value) : value;
  });
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}
