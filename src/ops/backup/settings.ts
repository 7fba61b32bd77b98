import { z } from "zod";
import type { Hex } from "../../core/bytes.ts";

const RECIPIENT = "an age recipient, age1...";
const NAME = "a name of a-z, 0-9 and -";
const PATH = "a path";
const KEY = "the name of a key";
export const PUBLIC_KEY =
  "a public key as keys list shows it: 0x and 64 hex digits (ed25519) or 66 (secp256k1)";
const THRESHOLD = "how many holders it takes together, from 1 to their number";

const name = z.string({ error: NAME }).regex(/^[a-z0-9][a-z0-9-]{0,62}$/, { error: NAME });
const path = z.string({ error: PATH }).min(1, { error: PATH });
const whole = (least: number, most: number, unit: string) => {
  const error = `an integer from ${least} to ${most} (${unit})`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

/** Public key of a backup's signer. */
export const publicKeyField = z.custom<Hex>(
  (value) => typeof value === "string" && /^0x([0-9a-f]{64}|0[23][0-9a-f]{64})$/.test(value),
  { error: PUBLIC_KEY },
);

/** `[backup]`: what an organisation must not lose, and who can open it again. */
export const backupSection = z
  .strictObject({
    folder: path.default(".proofx/organisation-backups"),
    /** Who can open a backup: a name and an age recipient each. */
    holders: z
      .record(name, z.string({ error: RECIPIENT }).regex(/^age1[a-z0-9]{10,4000}$/, { error: RECIPIENT }), {
        error: "holders by name",
      })
      .default({}),
    /** How many of them it takes together. */
    threshold: z
      .int({ error: THRESHOLD })
      .min(1, { error: THRESHOLD })
      .max(255, { error: THRESHOLD })
      .default(1),
    /** Key of [keys] that signs every backup; without it they are not signed, which `backup create` wants said. */
    signer: z
      .string({ error: KEY })
      .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, { error: KEY })
      .optional(),
    /** Whose signature counts, beside that of `signer`: a name and a public key each. */
    signers: z.record(name, publicKeyField, { error: "public keys by name" }).default({}),
    /** Folders and files beside the standard ones, by name. One that is not there fails the backup. */
    include: z.record(name, path, { error: "paths by name" }).default({}),
    /** Whether this machine has the log's database. */
    log: z.boolean({ error: "true or false" }).default(true),
    /** Between two backups: seconds. */
    every: whole(60, 31_536_000, "seconds").default(86_400),
    /** Older ones are deleted once a new one is there. */
    keep_days: whole(1, 36_500, "days").default(30),
  })
  .refine(({ holders, threshold }) => threshold === 1 || threshold <= Object.keys(holders).length, {
    error: THRESHOLD,
    path: ["threshold"],
  });

export type BackupSettings = z.output<typeof backupSection>;
