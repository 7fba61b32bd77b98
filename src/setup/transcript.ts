import { readFile } from "node:fs/promises";
import { z } from "zod";
import { CheckError, UnavailableError } from "../core/errors.ts";

/** snarkjs hashes without ever letting go of the process; 2^20 take about three seconds. */
export const MAX_BEACON_EXP = 20;

const hex = (bytes: number) => z.string().regex(new RegExp(`^0x[0-9a-f]{${bytes * 2}}$`));
const count = z.number().int().nonnegative();

const contribution = z.strictObject({
  /** From 1, in the order of the chain. */
  index: z.number().int().positive(),
  name: z.string(),
  kind: z.enum(["contribution", "beacon"]),
  /** BLAKE2b-512 of the contribution's public key, as snarkjs prints it. */
  hash: hex(64),
});

/** The record of one phase-2 setup, written beside its proving key. Hex is lower case with 0x. */
export const transcriptSchema = z.strictObject({
  version: z.literal(1),
  circuit: z.string(),
  /** The powers of tau are the committed development file: whoever made them can forge proofs. */
  development: z.boolean(),
  r1cs: z.strictObject({ sha256: hex(32), constraints: count, wires: count, publicSignals: count }),
  ptau: z.strictObject({
    /** Where the file is from: our development file, a published one, or nobody knows. */
    label: z.enum(["development", "published", "unknown"]),
    name: z.string(),
    power: count,
    blake2b: hex(64),
    sha256: hex(32),
  }),
  /** Everything applied to the key, the beacon last. */
  contributions: z.array(contribution),
  beacon: z.strictObject({
    /** Public randomness, 0x-hex. */
    value: z.string().regex(/^0x([0-9a-f]{2})+$/),
    /** SHA-256 is applied 2^this times. */
    iterationsExp: z.number().int().min(10).max(MAX_BEACON_EXP),
    /** Where the value is from, so that others can look it up. */
    source: z.string(),
  }),
  zkey: z.strictObject({ sha256: hex(32), bytes: count }),
  /** `keccak256(abi.encode(VerifyingKey))`. */
  verificationKeyHash: hex(32),
  tools: z.strictObject({ node: z.string(), snarkjs: z.string() }),
  /** RFC 3339, UTC. */
  createdAt: z.string(),
  /** The ceremony with signed records that it was exported from; absent for a setup made on one machine. */
  ceremony: z.strictObject({ name: z.string(), id: hex(32) }).optional(),
});

export type Transcript = z.infer<typeof transcriptSchema>;
export type TranscriptContribution = z.infer<typeof contribution>;

/**
 * Reads a transcript.
 *
 * @throws UnavailableError when the file cannot be read; CheckError naming the field that is wrong.
 */
export async function readTranscript(path: string): Promise<Transcript> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new UnavailableError(`${path}: the transcript cannot be read`, { cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new CheckError(`${path}: the transcript is not JSON`, { cause });
  }
  const parsed = transcriptSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new CheckError(`${path}: transcript: ${issue?.path.join(".")}: ${issue?.message}`);
}
