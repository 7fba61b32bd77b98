import type { Severity } from "../monitors/rule.ts";

/** A maintenance window to come: alerts that match are kept, and told when it ends if they still last. */
export interface SilenceRequest {
  /** Ids of rules; every rule without it. */
  readonly rules?: readonly string[];
  /** Every severity without it. */
  readonly severities?: readonly Severity[];
  /** Milliseconds since 1970; now without it. */
  readonly from?: number;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** Why, for whoever comes later. */
  readonly reason: string;
  /** Who asked for it. */
  readonly by: string;
}

/** A maintenance window. Times are RFC 3339, UTC. */
export interface Silence {
  readonly id: string;
  readonly rules: readonly string[];
  readonly severities: readonly Severity[];
  readonly from: string;
  readonly until: string;
  readonly reason: string;
  readonly by: string;
  readonly created: string;
}
