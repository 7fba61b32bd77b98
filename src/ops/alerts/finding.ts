/** What a probe (`src/ops/probes`) says of one subject, each time it looks. */
export interface Finding {
  /** Names the subject within the probe, e.g. a key's name; empty where there is but one. */
  readonly subject: string;
  /** Whether it is in breach; `undefined` when that could not be found out, which changes nothing and is reported by itself. */
  readonly breached: boolean | undefined;
  /** One line with the figure and the limit. */
  readonly summary: string;
  /** The figure, for the metric `proofx_watcher_probe_value`, where there is one. */
  readonly value?: number;
  /** The block as of which it is so; an event of a later one is not over by it. */
  readonly block?: number;
  readonly details?: Readonly<Record<string, string>>;
}

/** Looks at one state. */
export interface Probe {
  /** As {@link StateSource} names it, kebab-case. */
  readonly name: string;
  /** Seconds between two looks. */
  readonly every: number;
  /** All subjects there are now; one that is no longer named is resolved. */
  look(): Promise<readonly Finding[]>;
}
