import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { circuitInputsBody, type InputTexts } from "./inputs.ts";

const SALT = 32;
const NONCE = 12;
const TAG = 16;

/**
 * Encrypts inputs for their stay in the shared queue: AES-256-GCM under a key of this job's own (HKDF-SHA-256 with a fresh
 * salt), bound to the job's id.
 *
 * @returns Base64 of salt, nonce, tag, ciphertext.
 */
export function sealInputs(secret: Uint8Array, id: string, inputs: InputTexts): string {
  const salt = randomBytes(SALT);
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv("aes-256-gcm", keyOf(secret, salt), nonce).setAAD(Buffer.from(id));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(inputs), "utf8"), cipher.final()]);
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), sealed]).toString("base64");
}

/** The inputs again; nothing when they were sealed under another secret, for another job, or altered. */
export function openInputs(secret: Uint8Array, id: string, text: string): InputTexts | undefined {
  const bytes = Buffer.from(text, "base64");
  const salt = bytes.subarray(0, SALT);
  const nonce = bytes.subarray(SALT, SALT + NONCE);
  const tag = bytes.subarray(SALT + NONCE, SALT + NONCE + TAG);
  try {
    const decipher = createDecipheriv("aes-256-gcm", keyOf(secret, salt), nonce, { authTagLength: TAG });
    decipher.setAAD(Buffer.from(id)).setAuthTag(tag);
    const opened =
      decipher.update(bytes.subarray(SALT + NONCE + TAG), undefined, "utf8") + decipher.final("utf8");
    return circuitInputsBody.parse(JSON.parse(opened));
  } catch {
    return undefined;
  }
}

function keyOf(secret: Uint8Array, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, salt, "proofx/prover/queue-inputs/v1", 32));
}
