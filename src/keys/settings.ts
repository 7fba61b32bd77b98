import { readFileSync } from "node:fs";
import { z } from "zod";
import { errorCode, UnavailableError } from "../core/errors.ts";
import { readToml } from "../core/toml.ts";
import { isNamePattern, NAME_PATTERN_FORM } from "./rotation/pattern.ts";
import { DEFAULT_WORK_FACTOR, WORK_FACTORS } from "./sealing.ts";

const text = (what: string) => z.string({ error: what }).min(1, { error: what });
const path = (of: string) => text(`the path of ${of}`);
const days = (least: number) => {
  const error = `whole days from ${least} to 3650`;
  return z.int({ error }).min(least, { error }).max(3650, { error });
};

const FACTORS = { least: 10, most: WORK_FACTORS.most } as const;
const FACTOR_FORM = `a whole number from ${FACTORS.least} to ${FACTORS.most}`;
const workFactor = z
  .int({ error: FACTOR_FORM })
  .min(FACTORS.least, { error: FACTOR_FORM })
  .max(FACTORS.most, { error: FACTOR_FORM });

const pkcs11Section = z.strictObject({
  /** The token maker's library. */
  module: path("a PKCS#11 library"),
  /** Label of the token. */
  token: text("the label of a token"),
  pin_file: path("a file that holds the token's PIN").optional(),
});

const PREFIX_FORM = 'at most 64 of "a-z A-Z 0-9 _ -", and "/" between them';
const prefix = z
  .string({ error: PREFIX_FORM })
  .max(64, { error: PREFIX_FORM })
  .regex(/^[\w-]+(\/[\w-]+)*$/, { error: PREFIX_FORM });

const awsSection = z.strictObject({
  region: text("an AWS region"),
  /** Keys are the aliases `alias/PREFIX/NAME`. */
  prefix: prefix.default("proofx"),
});

const vaultSection = z.strictObject({
  address: z.url({ protocol: /^https?$/, error: "the https address of a Vault server" }),
  /** Where the Transit engine is mounted. */
  mount: prefix.default("transit"),
  token_file: path("a file that holds a Vault token"),
});

const scheduleSection = z.strictObject({
  /** Names of keys; `*` at the end stands for anything. Versions of a key belong to its name. */
  keys: z
    .array(z.string({ error: NAME_PATTERN_FORM }).refine(isNamePattern, { error: NAME_PATTERN_FORM }), {
      error: "a list of key names",
    })
    .min(1, { error: "at least one key name" }),
  /** Age at which a key is overdue. */
  days: days(1).default(90),
  /** How long before that it is announced. */
  warn_days: days(0).default(14),
});

/** Signers change every 90 days, whatever the settings leave out. */
const DEFAULT_SCHEDULE = { signers: { keys: ["signer*"], days: 90, warn_days: 14 } };

/** Backends of the `KeyProvider` port. */
export const BACKENDS = ["keystore", "pkcs11", "aws-kms", "vault"] as const;
export type Backend = (typeof BACKENDS)[number];

/** The `[keys]` section of a configuration file, for whoever composes one. */
export const keysSettings = z
  .strictObject({
    backend: z.enum(BACKENDS, { error: BACKENDS.join(", ") }).default("keystore"),
    /** The keystore's folder, and for every backend the place of the rotation records. */
    folder: path("a folder").optional(),
    passphrase_file: path("a file that holds the keystore's passphrase").optional(),
    /** Log2 of scrypt's N for keys that the keystore makes. A lower one is for passphrases of 128 random bits and more. */
    work_factor: workFactor.default(DEFAULT_WORK_FACTOR),
    pkcs11: pkcs11Section.optional(),
    "aws-kms": awsSection.optional(),
    vault: vaultSection.optional(),
    /** By purpose. */
    schedule: z.record(z.string(), scheduleSection).default(DEFAULT_SCHEDULE),
  })
  .superRefine((settings, context) => {
    const { backend } = settings;
    if (backend === "keystore" || settings[backend] !== undefined) return;
    const error = `a section [keys.${backend}], since that is the backend`;
    context.issues.push({ code: "custom", message: error, input: undefined, path: [backend] });
  });

/** What the `[keys]` section says. */
export type KeysSettings = z.output<typeof keysSettings>;

/** The settings of somebody who has no configuration file: the keystore and the signers' 90 days. */
export function defaultKeysSettings(): KeysSettings {
  return keysSettings.parse({});
}

const configFile = z.looseObject({ keys: keysSettings.optional() });

/**
 * Reads the `[keys]` section of a configuration file; the defaults when it has none. Other sections are left to others.
 *
 * @throws UnavailableError when the file cannot be read; InputError naming the setting that is wrong.
 */
export function readKeysSettings(file: string): KeysSettings {
  return readToml(configFile, readText(file), file).keys ?? defaultKeysSettings();
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new UnavailableError(`configuration: ${file} cannot be read (${errorCode(cause)})`, { cause });
  }
}
