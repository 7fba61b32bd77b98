import { readFile } from "node:fs/promises";
import { CheckError, UnavailableError } from "../core/errors.ts";
import { type FileHashes, hashFile } from "./files.ts";
import { requireWholeKey } from "./key-file.ts";
import { readKeyHistory } from "./mpc-params.ts";
import { type Beacon, LOCAL_BEACON } from "./phase2.ts";
import type { IdentifiedPtau } from "./ptau.ts";
import type { CircuitSize } from "./r1cs.ts";
import { readTranscript, type Transcript } from "./transcript.ts";
import {
  exportVerificationKey,
  toSolidity,
  type VerificationKey,
  verificationKeyHash,
} from "./verifying-key.ts";

/** What a phase 2 was made from, each part measured on the file itself. */
export interface Origin {
  readonly circuit: { readonly name: string };
  readonly powers: IdentifiedPtau;
  readonly size: CircuitSize;
  readonly system: FileHashes;
  /** The beacon that was asked for; a local one unless given. */
  readonly beacon?: Beacon;
}

/** What a transcript says that the files say too: all of it but the tools and the time. */
export type Facts = Omit<Transcript, "tools" | "createdAt">;

/** Works out from the files what the transcript of a proving key must say. */
export async function computeFacts(
  { circuit, powers, size, system, beacon }: Origin,
  zkey: string,
): Promise<{ facts: Facts; key: VerificationKey }> {
  await requireWholeKey(zkey);
  const history = await readKeyHistory(zkey);
  const { value, iterationsExp } = history.beacon ?? {};
  if (value === undefined || iterationsExp === undefined)
    throw new CheckError(`${zkey}: the key has no beacon`);
  if (beacon !== undefined && (beacon.value !== value || beacon.iterationsExp !== iterationsExp)) {
    throw new CheckError(`${zkey}: the key has another beacon than the one asked for`);
  }
  const key = await exportVerificationKey(zkey);
  const { bytes, sha256 } = await hashFile(zkey);
  const { label, name, power, blake2b } = powers;
  const facts: Facts = {
    version: 1,
    circuit: circuit.name,
    development: label === "development",
    r1cs: { sha256: system.sha256, ...size },
    ptau: { label, name, power, blake2b, sha256: powers.sha256 },
    contributions: [...history.contributions],
    beacon: { value, iterationsExp, source: beacon?.source ?? LOCAL_BEACON },
    zkey: { sha256, bytes },
    verificationKeyHash: verificationKeyHash(toSolidity(key)),
  };
  return { facts, key };
}

/** Where a kept setup lies. */
export interface KeptFiles {
  readonly home: string;
  readonly zkey: string;
  readonly key: string;
  readonly transcript: string;
  /** What a person does about a fault; making the setup anew unless given. */
  readonly next?: string;
}

/**
 * Reads a kept setup and compares everything in its transcript with what the files say, so that no edit is believed.
 *
 * That the key follows from circuit and powers of tau is for `verifySetup`, which takes longer.
 *
 * @throws CheckError naming the first field that differs; UnavailableError when a file is missing.
 */
export async function readKept(
  origin: Origin,
  kept: KeptFiles,
): Promise<{ transcript: Transcript; key: VerificationKey }> {
  const read = async () => {
    const transcript = await readTranscript(kept.transcript);
    const json: unknown = JSON.parse(await readFile(kept.key, "utf8"));
    return { transcript, json, ...(await computeFacts(origin, kept.zkey)) };
  };
  const { transcript, json, facts, key } = await read().catch((cause: unknown) => {
    if (cause instanceof UnavailableError) throw cause;
    throw changed(kept, cause instanceof Error ? cause.message : String(cause), cause);
  });
  const different = firstDifference("transcript", facts, transcript) ?? firstDifference("key", key, json);
  if (different !== undefined) throw changed(kept, different);
  return { transcript, key };
}

function changed({ home, next }: KeptFiles, what: string, cause?: unknown): CheckError {
  return new CheckError(`the kept setup was changed: ${what}`, {
    next: next ?? `remove ${home} and run again: that makes a new key, which needs a new deployment`,
    cause,
  });
}

/** The first leaf of `expected` that `got` has otherwise, in words; lists must also be equally long. */
function firstDifference(path: string, expected: unknown, got: unknown): string | undefined {
  if (typeof expected !== "object" || expected === null) {
    return expected === got ? undefined : `${path}: expected ${show(expected)}, got ${show(got)}`;
  }
  if (typeof got !== "object" || got === null) return `${path}: expected an object, got ${show(got)}`;
  if (Array.isArray(expected) && Array.isArray(got) && expected.length !== got.length) {
    return `${path}: expected ${expected.length} entries, got ${got.length}`;
  }
  for (const [name, value] of Object.entries(expected)) {
    const found = firstDifference(`${path}.${name}`, value, (got as Record<string, unknown>)[name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}
