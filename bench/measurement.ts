/** One figure, beside the best that is possible (a floor) or what others reach (a peer). */
export interface Row {
  readonly name: string;
  readonly value: number;
  /** `gas`, `ms`, `constraints`, ... */
  readonly unit: string;
  /** What it is compared with, in words: `precompile floor 181,000`. */
  readonly floorOrPeer?: string;
  /** This figure in relation to that one; the row's name or unit says which way is better. */
  readonly ratio?: number;
}

export interface Measurement {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** The value that this share of all does not exceed (0.5: the median), by nearest rank; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
