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

const DAY = 86_400;

/** `[relayer]` of the configuration file. */
export const relayerSection = z
  .strictObject({
    http: httpSettings,
    /** The deployment file of the network that is attested on. */
    deployment: pathSetting,
    ...rpcFields,
    /** Keystore key that vouches (SIGNER_ROLE). */
    signer: keyNameSetting,
    /** Keystore key that sends and pays; proofs name its address as their submitter. */
    sender: keyNameSetting,
    /** Where submissions are kept. */
    folder: pathSetting,
    /** The one line is the bearer token that clients show; mode 0600. */
    token_file: pathSetting,
    max_fee_per_gas: amountSetting("gwei", 9),
    min_priority_fee_per_gas: amountSetting("gwei", 9).default(100_000_000n),
    spending_limit: amountSetting("ether", 18),
    spending_window: secondsSetting(1, 31 * DAY).default(DAY),
    min_balance: amountSetting("ether", 18),
    gas_limit: countSetting(500_000, 30_000_000).default(800_000),
    in_flight: countSetting(1, 64).default(4),
    confirmations: countSetting(1, 1_000).default(12),
    resubmit_after: secondsSetting(1, 86_400).default(60),
    poll: secondsSetting(1, 600).default(4),
    queue_length: countSetting(1, 100_000).default(1_000),
    /** How long an ended submission and its Idempotency-Key are known. */
    keep_for: secondsSetting(2 * DAY, 3_650 * DAY).default(30 * DAY),
  })
  .refine(ONE_SOURCE_OF_URLS.holds, { error: ONE_SOURCE_OF_URLS.error })
  .refine(({ spending_window, keep_for }) => keep_for >= spending_window, {
    path: ["keep_for"],
    error: "at least spending_window",
  });

export type RelayerSettings = z.output<typeof relayerSection>;
