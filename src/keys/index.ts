import type { KeyProvider } from "../core/ports.ts";
import type { KeyImporter } from "./backend.ts";
import { Keystore } from "./keystore.ts";
import { type PassphraseSource, passphraseFromEnvironment } from "./passphrase.ts";
import { DEFAULT_WORK_FACTOR } from "./sealing.ts";

export { type ConfiguredKeys, type KeyImporter, openConfiguredKeys } from "./backend.ts";
export { libsodium, type NativeEd25519, nativeEd25519, openssl, type VerifyMessage } from "./ed25519.ts";
export {
  type PassphraseSource,
  passphraseFromDescriptor,
  passphraseFromEnvironment,
  passphraseFromFile,
} from "./passphrase.ts";
export { matchesPattern } from "./rotation/pattern.ts";
export { RotationRecords } from "./rotation/records.ts";
export { type Rotation, readRotations, retireKey, rotateKey } from "./rotation/rotate.ts";
export {
  type DueKey,
  type DueReport,
  type DueStatus,
  dueExitCode,
  dueReport,
  standingOf,
} from "./rotation/schedule.ts";
export { ROTATION_DAYS, type Term, termOf, WARN_DAYS } from "./rotation/terms.ts";
export { dueWords, isBreach, MISSING, type Standing } from "./rotation/words.ts";
export { readSecretHex, readSecretKey } from "./secret-hex.ts";
export { defaultKeysSettings, type KeysSettings, keysSettings, readKeysSettings } from "./settings.ts";
export { isSigned, type StatementKey, signStatement } from "./statement.ts";
export { openKey, sealKey, WRAPPED_KEY_BYTES } from "./wrapping.ts";

export interface KeyProviderOptions {
  /** Folder of the encrypted keystore; made with the first key. */
  readonly folder: string;
  /** By default what the environment says, or the terminal (`passphraseFromEnvironment`). */
  readonly passphrase?: PassphraseSource;
  /** Log2 of scrypt's N for new keys, 18 by default. Lower only for tests, or for a passphrase of 128 random bits. */
  readonly workFactor?: number;
}

/**
 * The keys of an encrypted keystore folder, whatever the settings say; `openConfiguredKeys` follows those. Reads nothing
 * until it is asked to.
 */
export function openKeyProvider({
  folder,
  passphrase,
  workFactor,
}: KeyProviderOptions): KeyProvider & KeyImporter {
  return new Keystore(folder, passphrase ?? passphraseFromEnvironment(), workFactor ?? DEFAULT_WORK_FACTOR);
}
