import { z } from "zod";
import { fromHex } from "../../core/bytes.ts";
import { sizedText, taggedHash } from "../../core/hash.ts";

/** Version of the resumable upload protocol, https://tus.io/protocols/resumable-upload (core and creation). */
export const TUS_VERSION = "1.0.0";
export const TUS_BODY = "application/offset+octet-stream";

const hex = (bytes: number) => z.string().regex(new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`));

/** The records as they are written, byte for byte. */
export const recordsAnswer = z.object({
  config: z.string(),
  contributions: z.array(z.string()),
  beacon: z.string().nullable(),
});

export const challengeAnswer = z.object({ challenge: hex(64) });

export const joinRequest = z.strictObject({
  publicKey: hex(32),
  name: z.string().min(1).max(60),
  challenge: hex(64),
  /** Ed25519 by `publicKey` over `joinMessage`. */
  signature: hex(64),
});

export const joinAnswer = z.object({
  /** Bearer token of this contributor; a new one replaces it. */
  token: z.string(),
});

export const turnAnswer = z.object({
  state: z.enum(["waiting", "turn"]),
  /** Contributors before this one, the one whose turn it is among them. */
  ahead: z.int().min(0),
  /** RFC 3339: when the turn passes on. */
  deadline: z.string().nullable(),
  /** Path of the upload that was begun. */
  upload: z.string().nullable(),
});

export const submitRequest = z.strictObject({
  /** Text of the signed record. */
  attestation: z.string().min(1).max(8_192),
});

export const submitAnswer = z.object({ index: z.int(), head: hex(32) });

export type RecordsAnswer = z.infer<typeof recordsAnswer>;
export type JoinRequest = z.infer<typeof joinRequest>;
export type TurnAnswer = z.infer<typeof turnAnswer>;

/** What a contributor signs to take a place in a ceremony's queue, 32 bytes. */
export function joinMessage(
  ceremonyId: string,
  { publicKey, name, challenge }: Omit<JoinRequest, "signature">,
): Uint8Array {
  return taggedHash(
    "PROOFX_COORDINATOR_JOIN_V1",
    fromHex("ceremony", ceremonyId, 32),
    fromHex("publicKey", publicKey, 32),
    sizedText("name", name),
    fromHex("challenge", challenge, 64),
  );
}
