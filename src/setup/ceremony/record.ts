import { createHash } from "node:crypto";
import { z } from "zod";
import { fromHex, toHex, uint } from "../../core/bytes.ts";
import { CheckError, InputError } from "../../core/errors.ts";
import { sizedText, taggedHash } from "../../core/hash.ts";
import { canonicalJson, readFields } from "../../core/json.ts";
import { verifyEd25519 } from "../../core/log/signature.ts";
import { MAX_BEACON_EXP, transcriptSchema } from "../transcript.ts";
import { drandChainSchema } from "./drand.ts";
import { contributorName, hexText, keyHash, timeText } from "./fields.ts";

const iterationsExp = z.int().min(10).max(MAX_BEACON_EXP);
const round = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

/** The public randomness that will end the ceremony, named before anybody contributes. */
export const announcementSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    /** A round of a drand chain: its signature proves the value, so anybody checks it offline. */
    kind: z.literal("drand"),
    /** `drandChainHash` of `chain`. */
    chainHash: hexText(32),
    chain: drandChainSchema,
    round,
    iterationsExp,
    /** When the round is due. */
    notBefore: timeText,
  }),
  z.strictObject({
    /** Anything else that the world will see, in words: a person has to look it up. */
    kind: z.literal("named"),
    source: z.string().min(10).max(300),
    iterationsExp,
    /** When the value will be known at the earliest. */
    notBefore: timeText,
  }),
]);

export type Announcement = z.infer<typeof announcementSchema>;

const expectedContributor = z.strictObject({ name: contributorName, publicKey: hexText(32) });

/** `ceremony.json`: everything that is fixed before the first contribution. Field order is part of the format. */
export const configSchema = z.strictObject({
  version: z.literal(1),
  /** Hash of all other fields, `ceremonyId`. */
  id: hexText(32),
  name: z.string().regex(/^[0-9]{3}-[a-z0-9-]{1,40}$/),
  circuit: z.strictObject({
    name: z.string().regex(/^[a-z0-9_-]+$/),
    sha256: hexText(32),
    constraints: z.int().min(0),
    wires: z.int().min(0),
    publicSignals: z.int().min(0),
  }),
  ptau: transcriptSchema.shape.ptau,
  initialKey: keyHash,
  beacon: announcementSchema,
  /** Who may contribute; empty when anybody with a key may. */
  contributors: z.array(expectedContributor).max(1000),
  createdAt: timeText,
});

export type CeremonyConfig = z.infer<typeof configSchema>;

/** `contributions/NNNN.json`: one contribution, attested by who made it. Field order is part of the format. */
export const contributionSchema = z.strictObject({
  version: z.literal(1),
  /** Id of the ceremony. */
  ceremony: hexText(32),
  /** From 1. */
  index: z.int().min(1).max(9999),
  name: contributorName,
  /** Ed25519. */
  publicKey: hexText(32),
  /** SHA-256 of the record before it: `ceremony.json` or the contribution before. */
  previous: hexText(32),
  /** SHA-256 of the key it was made from. */
  from: hexText(32),
  /** The key that it made. */
  to: keyHash,
  /** BLAKE2b-512 that snarkjs prints for it. */
  contributionHash: hexText(64),
  createdAt: timeText,
  /** Ed25519 by `publicKey` over `attestationMessage`. */
  signature: hexText(64),
});

export type Contribution = z.infer<typeof contributionSchema>;

/** `beacon.json`: the beacon as it was applied. Nothing in it is anybody's word: each field follows from another file. */
export const beaconSchema = z.strictObject({
  version: z.literal(1),
  ceremony: hexText(32),
  /** SHA-256 of the last contribution's record. */
  previous: hexText(32),
  /** SHA-256 of the key it was applied to. */
  from: hexText(32),
  /** Public randomness. */
  value: z.string().regex(/^0x(?:[0-9a-f]{2}){16,255}$/, { error: "16 to 255 bytes as lower-case 0x-hex" }),
  /** The drand round's signature, whose SHA-256 is the value; null for a named source. */
  drandSignature: hexText(48).nullable(),
  /** The proving key. */
  to: keyHash,
  contributionHash: hexText(64),
});

export type BeaconRecord = z.infer<typeof beaconSchema>;

/** The id of a ceremony: whoever signs it signs everything that was fixed at its beginning. */
export function ceremonyId(config: Omit<CeremonyConfig, "id">): string {
  const { id: _, ...fields } = config as CeremonyConfig;
  return toHex(taggedHash("PROOFX_PHASE2_CEREMONY_V1", canonicalJson("ceremony", fields)));
}

/**
 * What a contributor signs, 32 bytes: ceremony, place, name, key, the record and proving key before, the proving key
 * after, the contribution's hash and the time.
 */
export function attestationMessage(record: Omit<Contribution, "signature">): Uint8Array {
  return taggedHash(
    "PROOFX_PHASE2_CONTRIBUTION_V1",
    fromHex("ceremony", record.ceremony, 32),
    uint("index", record.index, 4),
    sizedText("name", record.name),
    fromHex("publicKey", record.publicKey, 32),
    fromHex("previous", record.previous, 32),
    fromHex("from", record.from, 32),
    fromHex("to", record.to.sha256, 32),
    uint("bytes", record.to.bytes, 8),
    fromHex("contributionHash", record.contributionHash, 64),
    sizedText("createdAt", record.createdAt),
  );
}

/** Whether the contributor that the record names signed it. */
export function isAttested(record: Contribution): boolean {
  const signature = fromHex("signature", record.signature, 64);
  return verifyEd25519(signature, attestationMessage(record), fromHex("publicKey", record.publicKey, 32));
}

/** A record's text: JSON with its fields in the schema's order. There is no other spelling. */
export function recordText(record: object): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** SHA-256 of a record as it is written, 0x-hex: what `sha256sum` prints. */
export function recordHash(text: string): string {
  return `0x${createHash("sha256").update(text).digest("hex")}`;
}

/**
 * Reads a record, byte for byte as it must be written.
 *
 * @param file Its name in messages.
 * @throws CheckError naming the file and the field or line.
 */
export function parseRecord<T extends z.ZodType<object>>(schema: T, file: string, text: string): z.output<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new CheckError(`${file}: it is not JSON`, { cause });
  }
  let record: z.output<T>;
  try {
    record = readFields(schema, json, file);
  } catch (cause) {
    if (cause instanceof InputError) throw new CheckError(cause.message, { cause });
    throw cause;
  }
  requireSpelling(file, recordText(record), text);
  return record;
}

function requireSpelling(file: string, expected: string, text: string): void {
  if (expected === text) return;
  const lines = text.split("\n");
  const at = expected.split("\n").findIndex((line, i) => line !== lines[i]);
  throw new CheckError(
    `${file}: line ${at === -1 ? lines.length : at + 1}: expected the one spelling of a record, got another`,
  );
}
