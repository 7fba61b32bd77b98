import { createHmac } from "node:crypto";
import { stringifyJson } from "../../core/json.ts";
import type { NewJob } from "./queue.ts";

/** Names of an Idempotency-Key and of a body that tell nothing to whoever lacks the secret. */
export interface Fingerprints {
  readonly key: Buffer;
  readonly body: string;
}

/** HMAC-SHA-256 of both, so that no body and no client's key is kept. */
export function fingerprints(secret: Uint8Array, { circuitVersion, inputs, key }: NewJob): Fingerprints {
  const hash = (what: string, text: string) =>
    createHmac("sha256", secret).update(`proofx/prover/${what}/v1\0${text}`).digest();
  return {
    key: hash("idempotency-key", key ?? ""),
    // The schema puts every field in its order, however the client had them.
    body: hash("body", stringifyJson({ circuitVersion, inputs })).toString("base64url"),
  };
}
