import { InputError } from "../../src/core/errors.ts";
import type { KeyAlgorithm } from "../../src/core/ports.ts";
import { configuredKeys } from "../support/keys.ts";
import { action, required, type TaskResult } from "../support/task.ts";

interface CreateArguments {
  readonly name: string | undefined;
  readonly algorithm: string | undefined;
}

/** Creates a key; the backend asks for its passphrase or PIN, or reads it from the file the environment names. */
export async function createKey(args: CreateArguments): Promise<TaskResult> {
  const name = required("name", args.name, "a name for the key");
  const algorithm = parseAlgorithm(args.algorithm);
  const { keys, place } = configuredKeys();
  const key = await keys.create(name, algorithm);
  const lines = [`Key "${name}" (${algorithm}) is in ${place}`, `  ${key.address ?? key.publicKey}`];
  return { data: key, lines };
}

/** @throws InputError unless it is an algorithm there is. */
export function parseAlgorithm(text: string | undefined): KeyAlgorithm {
  if (text === "secp256k1" || text === "ed25519") return text;
  throw InputError.expected("--algorithm", "secp256k1 or ed25519", text);
}

export default action(createKey);
