import { z } from "zod";
import { parseVerifierKey, SIGNATURE_TYPE } from "../../core/log/index.ts";
import { countSetting, httpSettings, secondsSetting, urlSetting } from "../support/settings.ts";

const MIB = 2 ** 20;
const LOG_NAME = "a name like a domain's: 1 to 100 of a-z 0-9 . -";

const milliseconds = (least: number, most: number) => {
  const error = `an integer from ${least} to ${most} (milliseconds)`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

const WITNESS_KEY = "a witness's verifier key, NAME+ID+BASE64, of type 4";

/** A witness that is asked for cosignatures (c2sp.org/tlog-witness). */
const witness = z.strictObject({
  /** Without `/add-checkpoint`. */
  url: urlSetting,
  key: z.string({ error: WITNESS_KEY }).transform((text, context) => {
    try {
      const key = parseVerifierKey(text);
      if (key.type === SIGNATURE_TYPE.cosignature) return key;
    } catch {
      // Said below, with what was expected.
    }
    context.issues.push({ code: "custom", message: WITNESS_KEY, input: text });
    return z.NEVER;
  }),
});

/** `[sequencer]`: where it listens, what a client may cost, how often it publishes. Its database is in `[store]`. */
export const sequencerSection = z
  .strictObject({
    /** `body_limit` is for one event; a batch may have `batch_limit`. */
    http: httpSettings.prefault({ port: 8440, body_limit: MIB }),
    /** Begins the origin of every checkpoint. Fixed by `proofx log init`; another one stops the start. */
    log_name: z
      .string({ error: LOG_NAME })
      .regex(/^[a-z0-9][a-z0-9.-]{0,99}$/, { error: LOG_NAME })
      .default("proofx.local"),
    /** Bytes of a whole batch. */
    batch_limit: countSetting(65_536, 64 * MIB).default(10 * MIB),
    /** Between two looks at which streams want a checkpoint. */
    checkpoint_interval: milliseconds(50, 3_600_000).default(1_000),
    /** Asked to cosign every checkpoint; nobody waits for them. */
    witnesses: z.array(witness, { error: "a list of witnesses" }).default([]),
    /**
     * Who closes batches: `elsewhere` (the anchor process, on PostgreSQL), `close` (this process, without a chain) or `anchor`
     * (this process, by the `[anchor]` section).
     */
    batches: z
      .enum(["elsewhere", "close", "anchor"], { error: '"elsewhere", "close" or "anchor"' })
      .default("elsewhere"),
    /** Events that a batch is closed at, and seconds its oldest waits at most; for `close`. */
    batch_size: countSetting(1, 262_144).default(65_536),
    batch_age: secondsSetting(1, 2_592_000).default(600),
    /** Tiles of the streams' trees kept in memory, 16 KiB each. */
    tiles: countSetting(16, 1_048_576).default(2_048),
    /** Clients that may follow streams at a time. */
    tails: countSetting(1, 100_000).default(1_000),
    /** Between two looks at a followed stream's head, which another process may have moved. */
    tail_poll: milliseconds(20, 60_000).default(250),
    /** Without an event a tail gets a sign of life. */
    tail_heartbeat: secondsSetting(1, 600).default(10),
    /** After which a tail ends and its client, whose credential is then looked at anew, comes back. */
    tail_lifetime: secondsSetting(1, 86_400).default(900),
  })
  .refine(({ http, tail_heartbeat }) => tail_heartbeat < http.request_timeout, {
    path: ["tail_heartbeat"],
    error: "less than http.request_timeout, at which a silent connection is cut",
  });

export type SequencerSettings = z.output<typeof sequencerSection>;
