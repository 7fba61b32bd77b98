import { z } from "zod";
import { countSetting, httpSettings, pathSetting, secondsSetting } from "../support/settings.ts";

const HASH_FORM = "0x and 64 lower-case hex digits";

/** One circuit version that proofs are made for, and where its files are. */
const circuitSettings = z
  .strictObject({
    /** The number `ProofXVerifier` knows it by. */
    version: countSetting(1, 4_294_967_295),
    /** Witness generator of the compiled circuit. */
    wasm: pathSetting.optional(),
    /** Proving key: `final.zkey` of a setup or of an exported ceremony. */
    zkey: pathSetting.optional(),
    /** Refuses to start with another key than the one that is deployed. */
    verification_key_hash: z
      .string({ error: HASH_FORM })
      .regex(/^0x[0-9a-f]{64}$/, { error: HASH_FORM })
      .optional(),
  })
  .refine(({ wasm, zkey }) => (wasm === undefined) === (zkey === undefined), {
    error: "wasm and zkey, or neither for the circuit and setup of this checkout",
  });

/** `[prover]`: what it proves, how much it takes at once, how long it keeps things. */
export const proverSection = z
  .strictObject({
    http: httpSettings.prefault({ port: 8480 }),
    circuits: z
      .array(circuitSettings, { error: "a list of circuits" })
      .min(1, { error: "at least one circuit" })
      .refine((list) => new Set(list.map(({ version }) => version)).size === list.length, {
        error: "each version once",
      }),
    /** Worker threads; 0 for one a processor. */
    workers: countSetting(0, 64).default(0),
    /** Jobs that wait beside those at work; more are refused. */
    queue_length: countSetting(1, 10_000).default(32),
    /** For one proof, from the moment a worker takes it. */
    job_timeout: secondsSetting(1, 3_600).default(60),
    /** How long an ended job can be asked for. */
    result_ttl: secondsSetting(1, 86_400).default(900),
    queue: z.enum(["memory", "postgres"], { error: 'one of "memory", "postgres"' }).default("memory"),
    /** Holds the database's URL, which has a password; else the environment's PROOFX_PROVER_DATABASE_URL. */
    database_url_file: pathSetting.optional(),
    /** 32 bytes in hex, the same for all provers of one database: inputs are encrypted by it. */
    queue_key_file: pathSetting.optional(),
  })
  .refine(({ queue, queue_key_file }) => queue === "memory" || queue_key_file !== undefined, {
    error: 'a file, as queue is "postgres"',
    path: ["queue_key_file"],
  });

export type ProverSettings = z.output<typeof proverSection>;
export type CircuitSettings = z.output<typeof circuitSettings>;
