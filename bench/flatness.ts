/** One look at a process: seconds since the load began, bytes. */
export interface Sample {
  readonly seconds: number;
  readonly bytes: number;
}

export interface Flatness {
  readonly flat: boolean;
  /** Mean of what was judged, bytes. */
  readonly mean: number;
  /** By how much it grew over the judged time, by a straight line through all samples; bytes. */
  readonly growth: number;
}

/** The first part, in which caches fill and code is compiled, is not judged. */
const WARM_UP = 1 / 3;
/** Growth over the judged time, as a share of the mean, that garbage not yet collected explains. */
const TOLERANCE = 0.05;
/** The same in bytes, for a process so small that a few megabytes are more than that share. */
const UNCOLLECTED = 16 * 2 ** 20;

/**
 * Whether a process's memory stays what it is. A straight line through the samples is not fooled by where in its saw-tooth the
 * collector was at the beginning or the end.
 */
export function judgeFlatness(samples: readonly Sample[]): Flatness {
  const last = samples.at(-1)?.seconds ?? 0;
  const judged = samples.filter(({ seconds }) => seconds >= last * WARM_UP);
  if (judged.length < 10) throw new Error("too few samples to judge");
  const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const time = meanOf(judged.map(({ seconds }) => seconds));
  const mean = meanOf(judged.map(({ bytes }) => bytes));
  const covariance = meanOf(judged.map(({ seconds, bytes }) => (seconds - time) * (bytes - mean)));
  const variance = meanOf(judged.map(({ seconds }) => (seconds - time) ** 2));
  const growth = (covariance / variance) * (last - (judged[0]?.seconds ?? 0));
  return { flat: growth <= Math.max(TOLERANCE * mean, UNCOLLECTED), mean, growth };
}
