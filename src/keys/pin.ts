import {
  type SecretKind,
  type SecretSource,
  secretFromEnvironment,
  secretFromFile,
} from "./secret-source.ts";

const PIN: SecretKind = {
  name: "PIN",
  opens: "the token",
  fileVariable: "PROOFX_PIN_FILE",
  descriptorVariable: "PROOFX_PIN_FD",
};

/** The user PIN of a hardware token is the one line of a file that only its owner may read. */
export function pinFromFile(path: string): SecretSource {
  return secretFromFile(PIN.name, path);
}

/** The file that PROOFX_PIN_FILE names, or the descriptor whose number is in PROOFX_PIN_FD, or the terminal. */
export function pinFromEnvironment(environment?: Readonly<Record<string, string | undefined>>): SecretSource {
  return secretFromEnvironment(PIN, environment);
}
