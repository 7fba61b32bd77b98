import { readFileSync } from "node:fs";
import { z } from "zod";
import { errorCode, UnavailableError } from "../core/errors.ts";
import { readToml } from "../core/toml.ts";

const URL_FORM = "the http or https URL of a node's REST interface, without a user or password";
const integer = (least: number, most: number, unit: string) => {
  const error = `an integer from ${least} to ${most} (${unit})`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};
const FOLDER = "the path of a folder";
const RATE = "a share from 0 to 1";

/** `[aleo.alerts]`: from when on `aleo health` says that something is wrong. */
const alertsSection = z.strictObject({
  /** Share of a window's transactions that were rejected. */
  failure_rate: z.number({ error: RATE }).min(0, { error: RATE }).max(1, { error: RATE }).default(0.1),
  /** Of the node's REST interface, 95 of 100 calls. */
  response_time: integer(1, 600_000, "milliseconds").default(3_000),
  /** From sending a transaction to its block, 95 of 100. */
  confirmation_time: integer(1, 3_600_000, "milliseconds").default(60_000),
  /** Length of the window that is judged. */
  window: integer(60, 86_400, "seconds").default(3_600),
  /** How many windows before it say what is usual. */
  earlier_windows: integer(0, 720, "count").default(24),
  /** Age of the newest block beyond which the ledger stands still. */
  block_age: integer(5, 86_400, "seconds").default(120),
});

/** `[aleo]` of the configuration file. */
export const aleoSection = z.strictObject({
  /** `http://127.0.0.1:3030` is a testnet or a development ledger, `https://HOST/v2/mainnet` is what its end says. */
  url: z
    .string({ error: URL_FORM })
    .refine(isPlainUrl, { error: URL_FORM })
    .transform((url) => url.replace(/\/+$/, ""))
    .optional(),
  /** For one call of the node. */
  request_timeout: integer(1, 600, "seconds").default(15),
  /** How long a transaction may take to be in a block. */
  confirmation_timeout: integer(1, 3_600, "seconds").default(120),
  /** No transaction pays more, unless `--max-fee` says so. */
  max_fee: integer(0, 1_000_000_000, "microcredits").default(50_000_000),
  /** Added to every base fee. */
  priority_fee: integer(0, 1_000_000_000, "microcredits").default(0),
  /** Where the times of this machine's transactions are kept. */
  folder: z.string({ error: FOLDER }).min(1, { error: FOLDER }).default(".proofx/aleo"),
  alerts: alertsSection.prefault({}),
});

/** What the `[aleo]` section says. */
export type AleoSettings = z.output<typeof aleoSection>;
export type AleoAlerts = AleoSettings["alerts"];

const configFile = z.looseObject({ aleo: aleoSection.prefault({}) });

/**
 * Reads the `[aleo]` section of a configuration file; the defaults when it has none, or there is no file.
 *
 * @throws UnavailableError when the file cannot be read; InputError naming the setting that is wrong.
 */
export function readAleoSettings(file: string | undefined): AleoSettings {
  if (file === undefined) return aleoSection.parse({});
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new UnavailableError(`configuration: ${file} cannot be read (${errorCode(cause)})`, { cause });
  }
  return readToml(configFile, text, file).aleo;
}

/** Whether it is an http or https URL that holds no user and no password. */
export function isPlainUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}
