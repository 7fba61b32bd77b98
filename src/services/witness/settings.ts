import { z } from "zod";
import { isNoteText } from "../../core/log/signed-note.ts";
import { isKeyName, parseVerifierKey, SIGNATURE_TYPE } from "../../core/log/verifier-key.ts";
import { httpSettings, pathSetting } from "../support/settings.ts";

const NAME = 'a name like witness.example/w1, without spaces or "+"';
const KEY_NAME = "the name of a key";
const ORIGIN = "a log's origin: one line, not empty";
const VKEY = "a log's verifier key, NAME+ID+BASE64, of type 1";
const KEYS = "a list of 1 to 8 verifier keys";
const LOGS = "a list of logs, each origin once";

const vkey = z.string({ error: VKEY }).transform((text, context) => {
  try {
    const key = parseVerifierKey(text);
    if (key.type === SIGNATURE_TYPE.note) return key;
  } catch {
    // Said below, with what was expected.
  }
  context.issues.push({ code: "custom", message: VKEY, input: text });
  return z.NEVER;
});

const log = z.strictObject({
  /** The first line of its checkpoints. */
  origin: z
    .string({ error: ORIGIN })
    .refine((text) => text !== "" && !text.includes("\n") && isNoteText(text), { error: ORIGIN }),
  /** Any one of them must have signed; two while a key is being rotated. */
  keys: z.array(vkey, { error: KEYS }).min(1, { error: KEYS }).max(8, { error: KEYS }),
});

/** `[witness]` of the configuration file. */
export const witnessSection = z.strictObject({
  http: httpSettings,
  /** What it cosigns as; part of its key's id, so it never changes. */
  name: z.string({ error: NAME }).refine(isKeyName, { error: NAME }),
  /** Ed25519 key of [keys]. */
  key: z.string({ error: KEY_NAME }).min(1, { error: KEY_NAME }).default("witness"),
  /** Where the heads it cosigned are kept. */
  folder: pathSetting,
  logs: z
    .array(log, { error: LOGS })
    .refine((logs) => new Set(logs.map(({ origin }) => origin)).size === logs.length, { error: LOGS })
    .default([]),
});

export type WitnessSettings = z.output<typeof witnessSection>;
export type WitnessedLog = WitnessSettings["logs"][number];
