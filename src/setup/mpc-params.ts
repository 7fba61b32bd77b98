import { createHash } from "node:crypto";
import { CheckError } from "../core/errors.ts";
import { type BinFile, withBinFile } from "./bin-file.ts";
import { type Curve, withCurve } from "./snarkjs.ts";
import { MAX_BEACON_EXP, type TranscriptContribution } from "./transcript.ts";

/** What a proving key says of how it was made: section 10 of the zkey format. */
export interface KeyHistory {
  readonly contributions: readonly TranscriptContribution[];
  /** Parameters of the last beacon among them, if there is one. */
  readonly beacon: { readonly value: string; readonly iterationsExp: number } | undefined;
}

const CONTRIBUTIONS = 10;
const CIRCUIT_HASH_BYTES = 64;
const G1_BYTES = 64;
const G2_BYTES = 128;
const TRANSCRIPT_BYTES = 64;
const KEY_BYTES = 3 * G1_BYTES + G2_BYTES + TRANSCRIPT_BYTES;
const PARAMETER = { name: 1, iterationsExp: 2, beacon: 3 } as const;

/**
 * Reads a proving key's contributions, each with the BLAKE2b-512 hash that snarkjs prints for it.
 *
 * They are only claims until `verifySetup` has checked the chain.
 *
 * @throws CheckError when the section is malformed, or a beacon wants more than 2^20 hashes.
 */
export async function readKeyHistory(zkey: string): Promise<KeyHistory> {
  const section = await withBinFile("proving key", zkey, "zkey", readSection);
  try {
    return await withCurve(async (curve) => parse(section, curve));
  } catch (cause) {
    if (cause instanceof RangeError)
      throw new CheckError("proving key: its contributions are malformed", { cause });
    throw cause;
  }
}

async function readSection(file: BinFile): Promise<Buffer> {
  const size = file.sections.get(CONTRIBUTIONS)?.size;
  if (size === undefined) throw new CheckError("proving key: it has no section of contributions");
  return await file.read(CONTRIBUTIONS, 0, size);
}

function parse(section: Buffer, curve: Curve): KeyHistory {
  const contributions: TranscriptContribution[] = [];
  let beacon: KeyHistory["beacon"];
  let offset = CIRCUIT_HASH_BYTES + 4;
  const count = section.readUInt32LE(CIRCUIT_HASH_BYTES);
  for (let index = 1; index <= count; index += 1) {
    const key = section.subarray(offset, offset + KEY_BYTES);
    const isBeacon = section.readUInt32LE(offset + KEY_BYTES) === 1;
    const length = section.readUInt32LE(offset + KEY_BYTES + 4);
    offset += KEY_BYTES + 8;
    const parameters = readParameters(section.subarray(offset, offset + length));
    offset += length;
    const kind = isBeacon ? "beacon" : "contribution";
    contributions.push({ index, name: parameters.name, kind, hash: contributionHash(key, curve) });
    // Verifying a beacon means hashing as often as it says: a crafted key must not keep us at it for years.
    if (parameters.iterationsExp > MAX_BEACON_EXP) throw new RangeError("beacon iterations");
    if (isBeacon) beacon = { value: parameters.beacon, iterationsExp: parameters.iterationsExp };
  }
  return { contributions, beacon };
}

function readParameters(bytes: Buffer): { name: string; iterationsExp: number; beacon: string } {
  const found = { name: "", iterationsExp: 0, beacon: "0x" };
  let offset = 0;
  const lengthPrefixed = (): Buffer => {
    const length = bytes.readUInt8(offset);
    const value = bytes.subarray(offset + 1, offset + 1 + length);
    offset += 1 + length;
    return value;
  };
  while (offset < bytes.length) {
    const type = bytes.readUInt8(offset);
    offset += 1;
    if (type === PARAMETER.name) found.name = lengthPrefixed().toString("utf8");
    else if (type === PARAMETER.beacon) found.beacon = `0x${lengthPrefixed().toString("hex")}`;
    else if (type === PARAMETER.iterationsExp) found.iterationsExp = bytes.readUInt8(offset++);
    else throw new RangeError(`parameter ${type}`);
  }
  return found;
}

/** Hash of delta after it, the public key's three points and the transcript, points uncompressed. */
function contributionHash(key: Buffer, { G1, G2 }: Curve): string {
  const hash = createHash("blake2b512");
  const points = [
    { group: G1, from: 0, size: G1_BYTES },
    { group: G1, from: G1_BYTES, size: G1_BYTES },
    { group: G1, from: 2 * G1_BYTES, size: G1_BYTES },
    { group: G2, from: 3 * G1_BYTES, size: G2_BYTES },
  ];
  for (const { group, from, size } of points) {
    const uncompressed = new Uint8Array(size);
    group.toRprUncompressed(uncompressed, 0, group.fromRprLEM(key, from));
    hash.update(uncompressed);
  }
  hash.update(key.subarray(KEY_BYTES - TRANSCRIPT_BYTES));
  return `0x${hash.digest("hex")}`;
}
