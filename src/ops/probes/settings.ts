import { parseUnits } from "ethers";
import { z } from "zod";
import { addressField } from "../../chain/fields.ts";
import { parseVerifierKey, SIGNATURE_TYPE } from "../../core/log/index.ts";

const integer = (least: number, most: number, unit: string) => {
  const error = `an integer from ${least} to ${most} (${unit})`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};
const text = (what: string) => z.string({ error: what }).min(1, { error: what });

const URL_FORM = "an http or https URL without a user or password";
const url = z
  .string({ error: URL_FORM })
  .refine(
    (given) => {
      const read = URL.parse(given);
      return read !== null && /^https?:$/.test(read.protocol) && read.username === "" && read.password === "";
    },
    { error: URL_FORM },
  )
  .transform((given) => given.replace(/\/+$/, ""));

const ETHER = 'an amount of ether in decimal, in quotes, e.g. "0.05"';
const ether = z
  .string({ error: ETHER })
  .regex(/^\d{1,12}(\.\d{1,18})?$/, { error: ETHER })
  .transform((given) => parseUnits(given, "ether"));

const NAME = "a name of a-z 0-9 . _ -";
const name = z.string({ error: NAME }).regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, { error: NAME });

const WITNESS = "a witness's verifier key, NAME+ID+BASE64, of type 4";
const witness = z.string({ error: WITNESS }).transform((given, context) => {
  try {
    const key = parseVerifierKey(given);
    if (key.type === SIGNATURE_TYPE.cosignature) return key;
  } catch {
    // Said below, with what was expected.
  }
  context.issues.push({ code: "custom", message: WITNESS, input: given });
  return z.NEVER;
});

const HOST = 'a host, or "host:port"';
const host = z.string({ error: HOST }).regex(/^(\[[0-9a-f:]+\]|[\w.-]+)(:\d{1,5})?$/i, { error: HOST });

const SOURCE = "either file or address";
const certificate = z
  .strictObject({ name, file: text("a PEM file").optional(), address: host.optional() })
  .transform((given, context) => {
    const { file, address } = given;
    if (file !== undefined && address === undefined) return { name: given.name, file };
    if (address !== undefined && file === undefined) return { name: given.name, address };
    context.issues.push({ code: "custom", message: SOURCE, input: given });
    return z.NEVER;
  });

const SHARE = "a share above 0 and below 1";
const share = z.number({ error: SHARE }).gt(0, { error: SHARE }).lt(1, { error: SHARE });

const list = <T extends z.ZodType>(of: T, what: string) =>
  z.array(of, { error: `a list of ${what}` }).default([]);
const DAY = 86_400;

/** Our services, in the order in which they are shown. */
export const SERVICES = [
  "sequencer",
  "anchor",
  "prover",
  "relayer",
  "witness",
  "coordinator",
  "watcher",
] as const;

/** `[health]`: what `proofx health` and the watcher look at beside chain and log, and from when on it counts as wrong. */
export const healthSection = z.strictObject({
  /** Where services answer, by their name. */
  services: z.partialRecord(z.enum(SERVICES, { error: `one of ${SERVICES.join(", ")}` }), url).default({}),
  /** Looks in a row that a service may fail at; a restart takes one or two. */
  service_patience: integer(1, 100, "count").default(2),
  /** The subgraph's GraphQL endpoint, and blocks that it may be behind. */
  subgraph: url.optional(),
  subgraph_lag: integer(0, 1_000_000, "blocks").default(20),
  /** Blocks that an RPC endpoint may be behind the others. */
  rpc_lag: integer(1, 10_000, "blocks").default(5),
  /** How long before its end a pause is told of. */
  pause_ending: integer(60, 30 * DAY, "seconds").default(DAY),
  /** How long an event may wait for its anchor. */
  anchor_late: integer(10, 30 * DAY, "seconds").default(1_800),
  /** How long checkpoints may go without a witness's cosignature. */
  witness_silent: integer(1, 30 * DAY, "seconds").default(900),
  witnesses: list(witness, "witnesses' verifier keys"),
  /** Accounts that pay. */
  accounts: list(z.strictObject({ name, address: addressField, min_balance: ether }), "accounts"),
  /** Folders that get backups, beside the organisation's own. */
  backups: list(
    z.strictObject({
      name,
      folder: text("a folder"),
      max_age: integer(60, 366 * DAY, "seconds").default(DAY + 7_200),
    }),
    "folders of backups",
  ),
  certificates: list(certificate, "certificates"),
  certificate_days: integer(1, 365, "days").default(21),
  /** Folders on whose file systems there has to be room. */
  disks: z.array(text("a folder"), { error: "a list of folders" }).default(["."]),
  disk_free: share.default(0.1),
  /** Time servers (SNTP) that the clock is compared with; the services' clocks are, too. */
  time_servers: list(host, "time servers"),
  clock_skew: integer(1, 3_600, "seconds").default(5),
});

/** What the `[health]` section says. */
export type HealthSettings = z.output<typeof healthSection>;
