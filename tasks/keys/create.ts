import { InputError } from "../../src/core/errors.ts";
import { keysFolder, openKeys } from "../support/keys.ts";
import { action, required, type TaskResult } from "../support/task.ts";

interface CreateArguments {
  readonly name: string | undefined;
  readonly algorithm: string | undefined;
}

/** Creates a key; the keystore asks for its passphrase or reads it from the file PROOFX_PASSPHRASE_FILE names. */
export async function createKey(args: CreateArguments): Promise<TaskResult> {
  const name = required("name", args.name, "a name for the key");
  const algorithm = args.algorithm;
  if (algorithm !== "secp256k1" && algorithm !== "ed25519") {
    throw InputError.expected("--algorithm", "secp256k1 or ed25519", algorithm);
  }
  const key = await openKeys().create(name, algorithm);
  const lines = [`Key "${name}" (${algorithm}) is in ${keysFolder()}`, `  ${key.address ?? key.publicKey}`];
  return { data: key, lines };
}

export default action(createKey);
