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
