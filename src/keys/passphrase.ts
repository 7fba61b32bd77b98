import type { Terminal } from "./prompt.ts";
import {
  type SecretKind,
  type SecretSource,
  secretFromDescriptor,
  secretFromEnvironment,
  secretFromFile,
} from "./secret-source.ts";

/** Where a keystore's passphrase comes from. Never argv and never the value of an environment variable. */
export type PassphraseSource = SecretSource;

const PASSPHRASE: SecretKind = {
  name: "passphrase",
  opens: "the keystore",
  fileVariable: "PROOFX_PASSPHRASE_FILE",
  descriptorVariable: "PROOFX_PASSPHRASE_FD",
};

/** The passphrase is the one line of a file that only its owner may read (mode 0600 or 0400). */
export function passphraseFromFile(path: string): PassphraseSource {
  return secretFromFile(PASSPHRASE.name, path);
}

/** The passphrase is the one line that an inherited file descriptor gives; it is read once and closed. */
export function passphraseFromDescriptor(descriptor: number): PassphraseSource {
  return secretFromDescriptor(PASSPHRASE.name, descriptor);
}

/** The file that PROOFX_PASSPHRASE_FILE names, or the descriptor whose number is in PROOFX_PASSPHRASE_FD, or the terminal. */
export function passphraseFromEnvironment(
  environment?: Readonly<Record<string, string | undefined>>,
  terminal?: Terminal,
): PassphraseSource {
  return secretFromEnvironment(PASSPHRASE, environment, terminal);
}
