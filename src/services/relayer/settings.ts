import { parseUnits } from "ethers";
import { z } from "zod";
import { countSetting, httpSettings, pathSetting, secondsSetting, urlSetting } from "../support/settings.ts";

/** An amount in decimal text, read as wei. */
const amount = (unit: "ether" | "gwei", decimals: number) => {
  const error = `an amount of ${unit} in decimal, in quotes, e.g. "0.5"`;
  return z
    .string({ error })
    .regex(new RegExp(`^\\d{1,12}(\\.\\d{1,${decimals}})?$`), { error })
    .transform((text) => parseUnits(text, unit));
};

const KEY_NAME = "the name of a key";
const keyName = z.string({ error: KEY_NAME }).min(1, { error: KEY_NAME });
const URLS = "a list of 1 to 8 URLs";
const DAY = 86_400;

/** `[relayer]` of the configuration file. */
export const relayerSection = z
  .strictObject({
    http: httpSettings,
    /** The deployment file of the network that is attested on. */
    deployment: pathSetting,
    rpc_urls: z.array(urlSetting, { error: URLS }).min(1, { error: URLS }).max(8, { error: URLS }).optional(),
    /** One URL a line, for those that carry a key; mode 0600. */
    rpc_urls_file: pathSetting.optional(),
    /** How many endpoints must say the same; 2 when there are two or more. */
    rpc_quorum: countSetting(1, 8).optional(),
    /** For one call. */
    rpc_timeout: secondsSetting(1, 120).default(10),
    /** Keystore key that vouches (SIGNER_ROLE). */
    signer: keyName,
    /** Keystore key that sends and pays; proofs name its address as their submitter. */
    sender: keyName,
    /** Where submissions are kept. */
    folder: pathSetting,
    /** The one line is the bearer token that clients show; mode 0600. */
    token_file: pathSetting,
    max_fee_per_gas: amount("gwei", 9),
    min_priority_fee_per_gas: amount("gwei", 9).default(100_000_000n),
    spending_limit: amount("ether", 18),
    spending_window: secondsSetting(1, 31 * DAY).default(DAY),
    min_balance: amount("ether", 18),
    gas_limit: countSetting(500_000, 30_000_000).default(800_000),
    in_flight: countSetting(1, 64).default(4),
    confirmations: countSetting(1, 1_000).default(12),
    resubmit_after: secondsSetting(1, 86_400).default(60),
    poll: secondsSetting(1, 600).default(4),
    queue_length: countSetting(1, 100_000).default(1_000),
    /** How long an ended submission and its Idempotency-Key are known. */
    keep_for: secondsSetting(2 * DAY, 3_650 * DAY).default(30 * DAY),
  })
  .refine(({ rpc_urls, rpc_urls_file }) => (rpc_urls === undefined) !== (rpc_urls_file === undefined), {
    error: "either rpc_urls or rpc_urls_file",
  })
  .refine(({ spending_window, keep_for }) => keep_for >= spending_window, {
    path: ["keep_for"],
    error: "at least spending_window",
  });

export type RelayerSettings = z.output<typeof relayerSection>;
