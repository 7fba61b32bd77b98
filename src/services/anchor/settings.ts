import { z } from "zod";
import { ONE_SOURCE_OF_URLS, rpcFields } from "../support/rpc.ts";
import {
  amountSetting,
  countSetting,
  httpSettings,
  keyNameSetting,
  pathSetting,
  secondsSetting,
} from "../support/settings.ts";

const MOST_EVENTS = 2 ** 18;
const STREAM_ID = "a stream id, 0x and 64 hex digits";
const streamIdSetting = z.string({ error: STREAM_ID }).regex(/^0x[0-9a-f]{64}$/, { error: STREAM_ID });

/** `[anchor]` of the configuration file. */
export const anchorSection = z
  .strictObject({
    http: httpSettings,
    /** The deployment file of the network that is anchored on. */
    deployment: pathSetting,
    ...rpcFields,
    /** Keystore key that sends and pays; its address is the streams' anchorer. */
    key: keyNameSetting,
    /** A batch is closed once so many events wait. */
    batch_size: countSetting(1, MOST_EVENTS).default(65_536),
    /** A batch is closed once its oldest event has waited so long. */
    batch_age: secondsSetting(1, 7 * 86_400).default(600),
    max_fee_per_gas: amountSetting("gwei", 9),
    min_priority_fee_per_gas: amountSetting("gwei", 9).default(100_000_000n),
    min_balance: amountSetting("ether", 18),
    gas_limit: countSetting(100_000, 30_000_000).default(300_000),
    confirmations: countSetting(1, 1_000).default(12),
    resubmit_after: secondsSetting(1, 86_400).default(60),
    poll: secondsSetting(1, 600).default(4),
    /** Streams whose batches are anchored again though the timelock cut them. */
    resubmit_cut: z.array(streamIdSetting, { error: `a list of ${STREAM_ID}` }).default([]),
  })
  .refine(ONE_SOURCE_OF_URLS.holds, { error: ONE_SOURCE_OF_URLS.error });

export type AnchorSettings = z.output<typeof anchorSection>;
