import { readFile } from "node:fs/promises";
import { UnavailableError } from "../core/errors.ts";

/** A file's path, or its content. */
export type Artifact = string | Uint8Array<ArrayBuffer>;

/** @throws UnavailableError when the file cannot be read. */
export async function readArtifact(what: string, artifact: Artifact): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof artifact !== "string") return artifact;
  try {
    return new Uint8Array(await readFile(artifact));
  } catch (cause) {
    throw new UnavailableError(`${what}: cannot read ${artifact}`, { cause });
  }
}
