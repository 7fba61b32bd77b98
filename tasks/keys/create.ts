import { InputError } from "../../src/core/errors.ts";
import type { KeyAlgorithm, KeyInfo } from "../../src/core/ports.ts";
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
  const lines = [`Key "${name}" (${algorithm}) is in ${place}`, `  ${publicPart(key)}`];
  return { data: key, lines };
}

/** What everybody may see of a key: its address, its public key, or that it has neither. */
export function publicPart({ algorithm, address, publicKey }: KeyInfo): string {
  return algorithm === "aes-256" ? "a secret key; nothing of it is public" : (address ?? publicKey);
}

/** @throws InputError unless it is an algorithm there is. */
export function parseAlgorithm(text: string | undefined): KeyAlgorithm {
  if (text === "secp256k1" || text === "ed25519" || text === "aes-256" || text === "aleo") return text;
  throw InputError.expected("--algorithm", "secp256k1, ed25519, aes-256 or aleo", text);
}

export default action(createKey);
