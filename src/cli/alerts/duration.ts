import { InputError } from "../../core/errors.ts";

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration such as `90s`, `30m`, `24h` or `7d`. @throws InputError for anything else. */
export function parseDuration(what: string, text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const milliseconds = Number(count) * (UNITS[unit ?? ""] ?? Number.NaN);
  if (milliseconds > 0) return milliseconds;
  throw InputError.expected(what, "a duration such as 90s, 30m, 24h or 7d", text);
}

/** Milliseconds since 1970 of an RFC 3339 time. @throws InputError for anything else. */
export function parseTime(what: string, text: string): number {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw InputError.expected(what, "a time such as 2026-11-21T20:00:00Z", text);
}
