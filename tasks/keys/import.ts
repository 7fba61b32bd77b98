import { readSecretKey } from "../../src/keys/index.ts";
import { configuredKeys } from "../support/keys.ts";
import { action, required, type TaskResult } from "../support/task.ts";
import { parseAlgorithm, publicPart } from "./create.ts";

interface ImportArguments {
  readonly name: string | undefined;
  readonly algorithm: string | undefined;
  readonly in: string | undefined;
  readonly descriptor: string | undefined;
}

/** Takes in a key made elsewhere, from a private file, a descriptor or the terminal. */
export async function importKey(args: ImportArguments): Promise<TaskResult> {
  const name = required("name", args.name, "a name for the key");
  const algorithm = parseAlgorithm(args.algorithm);
  const { importer, place } = configuredKeys();
  // Refused before the secret is read, where the backend takes none.
  const backend = importer();
  const secret = await readSecretKey(algorithm, { file: args.in, descriptor: args.descriptor });
  const key = await backend.import(name, algorithm, secret);
  secret.fill(0);
  const source = args.in === undefined ? "the place it came from" : args.in;
  const lines = [
    `Key "${name}" (${algorithm}) is in ${place}`,
    `  ${publicPart(key)}`,
    `  its age counts from ${key.createdAt}; how long it was elsewhere is not known`,
    `Next: destroy the key in ${source}, and every copy and backup of it; whoever has one has the key`,
  ];
  return { data: { ...key, source: "still holds the key: destroy it" }, lines };
}

export default action(importKey);
