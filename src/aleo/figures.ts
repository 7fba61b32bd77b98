/**
 * The figures that say how the Aleo programs are doing, for `aleo health` and for whatever watches later. Each names the
 * time it looked at and how many samples it found there; with too few it says so and gives no value.
 */

/** Seconds since 1970 by the ledger's blocks, `from` included, `to` not. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** A figure: its value, or how many samples it would take. */
export type Figure<V> = { readonly window: TimeWindow; readonly samples: number } & (
  | { readonly status: "known"; readonly value: V }
  | { readonly status: "not enough data"; readonly needed: number }
);

/** A transaction that reached a block, as far as the figures care. */
export interface Landed {
  /** Seconds since 1970, of its block. */
  readonly time: number;
  readonly accepted: boolean;
}

/** Something that was waited for. */
export interface Waited {
  /** Seconds since 1970 when it began. */
  readonly time: number;
  readonly milliseconds: number;
}

/** One rejected transaction out of one is no rate. */
export const LEAST_TRANSACTIONS = 10;
export const LEAST_WAITS = 3;
/** A median of fewer windows says little about what is usual. */
export const LEAST_WINDOWS = 12;
/** Spreads away from the median beyond which a window is unusual. */
export const UNUSUAL_SPREADS = 5;

export interface FailureRate {
  readonly rejected: number;
  /** 0 to 1. */
  readonly rate: number;
}

/** The share of a window's transactions that the ledger rejected. */
export function failureRate(landed: readonly Landed[], window: TimeWindow): Figure<FailureRate> {
  const within = landed.filter(({ time }) => isWithin(time, window));
  const rejected = within.filter(({ accepted }) => !accepted).length;
  return figure(window, within.length, LEAST_TRANSACTIONS, () => ({
    rejected,
    rate: rejected / within.length,
  }));
}

/** Milliseconds. */
export interface ResponseTime {
  readonly median: number;
  /** 95 of 100 took no longer. */
  readonly p95: number;
  readonly longest: number;
}

/** How long calls took that began in a window. */
export function responseTime(waits: readonly Waited[], window: TimeWindow): Figure<ResponseTime> {
  const sorted = waits
    .filter(({ time }) => isWithin(time, window))
    .map(({ milliseconds }) => milliseconds)
    .sort((a, b) => a - b);
  return figure(window, sorted.length, LEAST_WAITS, () => ({
    median: medianOf(sorted),
    p95: sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0,
    longest: sorted.at(-1) ?? 0,
  }));
}

export interface Activity {
  /** Transactions in the window. */
  readonly count: number;
  /** Of the earlier windows' counts. */
  readonly median: number;
  /** Median absolute deviation of the earlier windows' counts. */
  readonly mad: number;
  /** How many spreads the count is from the median; negative below it. */
  readonly spreads: number;
  readonly unusual: boolean;
}

/**
 * Whether a window had unusually many transactions, or few. The rule: the windows of the same length before it, back to
 * `since`, have a median count m and a median absolute deviation MAD; the spread is the largest of 1.4826 MAD (the standard
 * deviation, were they normal), the square root of m (what chance alone does to counts) and 1. More than
 * {@link UNUSUAL_SPREADS} spreads from m is unusual. A few odd windows in the past move neither median.
 *
 * @param since From when on every transaction is among `landed`; windows that begin before it do not count.
 * @returns `samples` is the number of earlier windows.
 */
export function unusualActivity(
  landed: readonly Landed[],
  window: TimeWindow,
  since: number,
): Figure<Activity> {
  const length = window.to - window.from;
  const earlier = Math.max(0, Math.floor((window.from - since) / length));
  const counts: number[] = new Array(earlier).fill(0);
  let count = 0;
  for (const { time } of landed) {
    if (isWithin(time, window)) count++;
    const back = Math.ceil((window.from - time) / length) - 1;
    if (time < window.from && back < earlier) counts[back] = (counts[back] ?? 0) + 1;
  }
  return figure(window, earlier, LEAST_WINDOWS, () => {
    const median = medianOf(counts);
    const mad = medianOf(counts.map((each) => Math.abs(each - median)));
    const spreads = (count - median) / Math.max(1.4826 * mad, Math.sqrt(median), 1);
    return { count, median, mad, spreads, unusual: Math.abs(spreads) > UNUSUAL_SPREADS };
  });
}

/** The last whole windows' worth of time up to `now`. */
export function windowUpTo(now: number, seconds: number): TimeWindow {
  return { from: now - seconds, to: now };
}

/** The middle of the values; the mean of the two middle ones when their number is even; 0 of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

function isWithin(time: number, { from, to }: TimeWindow): boolean {
  return time >= from && time < to;
}

function figure<V>(window: TimeWindow, samples: number, needed: number, value: () => V): Figure<V> {
  return samples < needed
    ? { window, samples, status: "not enough data", needed }
    : { window, samples, status: "known", value: value() };
}
