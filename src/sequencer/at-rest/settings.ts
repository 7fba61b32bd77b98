import { z } from "zod";

/**
 * How strictly records are sealed: `required` reads nothing that is not sealed, `optional` seals and still reads what was written in
 * plain before, `disabled` writes in plain (and opens what is sealed).
 */
export const SEALING_MODES = ["required", "optional", "disabled"] as const;
export type SealingMode = (typeof SEALING_MODES)[number];

const days = (most: number) =>
  z
    .int({ error: `days, 1 to ${most}` })
    .min(1, { error: `days, 1 to ${most}` })
    .max(most, { error: `days, 1 to ${most}` });
const seconds = "seconds, 1 to 3600";

/** The `[at_rest]` section: how payloads and proofs are kept. */
export const atRestSettings = z.strictObject({
  mode: z.enum(SEALING_MODES, { error: SEALING_MODES.join(", ") }).default("required"),
  /** Name of the aes-256 key in the KeyProvider that wraps new tenant keys. Older ones stay readable while their master key is there. */
  master_key: z.string({ error: "the name of an aes-256 key" }).min(1).default("log-master"),
  /** Age at which an agent gets a new data key; what is sealed keeps the old one until `log reencrypt`. */
  rotate_after_days: days(3650).default(90),
  /** How long a process goes on with a data key before it looks whether it was destroyed or replaced. */
  recheck_seconds: z
    .int({ error: seconds })
    .min(1, { error: seconds })
    .max(3600, { error: seconds })
    .default(60),
  /** Data keys kept in memory; more than the events that may be under way. */
  cached_keys: z.int({ error: "a number of keys, at least 16" }).min(16).default(65_536),
});

/** What the `[at_rest]` section says. */
export type AtRestSettings = z.output<typeof atRestSettings>;
