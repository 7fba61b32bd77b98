import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { InputError, RefusedError } from "../../core/errors.ts";
import type { Acknowledgement, Alert } from "../alerts/index.ts";
import { type HttpReceiver, postJson } from "./http.ts";

/** Seconds that a message may be old, and the clocks apart. */
export const REPLAY_WINDOW = 300;

/** Headers of a signed message; lower case, as Node gives them. */
export const WEBHOOK_HEADERS = {
  /** Seconds since 1970, when it was sent. */
  timestamp: "proofx-timestamp",
  /** `v1=` and the HMAC-SHA256 in hex over `TIMESTAMP.BODY`. */
  signature: "proofx-signature",
  /** The same for each try of one message. */
  id: "proofx-message-id",
} as const;

/**
 * Posts an alert, signed with a shared secret.
 *
 * Errors as of {@link postJson}.
 */
export async function postSigned(
  receiver: HttpReceiver,
  secret: string,
  alert: Alert,
  acknowledgement?: Acknowledgement,
): Promise<void> {
  const body = JSON.stringify({ version: 1, alert, ...(acknowledgement && { acknowledgement }) });
  const timestamp = String(Math.floor(Date.now() / 1000));
  await postJson(receiver, body, {
    [WEBHOOK_HEADERS.timestamp]: timestamp,
    [WEBHOOK_HEADERS.signature]: signatureOf(secret, timestamp, body),
    [WEBHOOK_HEADERS.id]: createHash("sha256").update(body).digest("hex").slice(0, 32),
  });
}

/**
 * What a receiver checks before it reads a message.
 *
 * @param body The bytes as they came, before any parsing.
 * @param now Milliseconds since 1970.
 * @throws RefusedError for a message that was not signed with the secret, or that is older than {@link REPLAY_WINDOW}; InputError
 *   without the headers. Within the window a repetition is told by `proofx-message-id`.
 */
export function verifyWebhook(
  secret: string,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  body: string | Uint8Array,
  now = Date.now(),
): void {
  const timestamp = headers[WEBHOOK_HEADERS.timestamp];
  const signature = headers[WEBHOOK_HEADERS.signature];
  if (typeof timestamp !== "string" || !/^\d{1,12}$/.test(timestamp) || typeof signature !== "string")
    throw new InputError("webhook: expected headers proofx-timestamp and proofx-signature");
  const expected = Buffer.from(signatureOf(secret, timestamp, body));
  const given = Buffer.from(signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given))
    throw new RefusedError("webhook: the signature is not by the shared secret");
  if (Math.abs(now / 1000 - Number(timestamp)) > REPLAY_WINDOW)
    throw new RefusedError(`webhook: the message is more than ${REPLAY_WINDOW} s old, or a clock is wrong`);
}

function signatureOf(secret: string, timestamp: string, body: string | Uint8Array): string {
  return `v1=${createHmac("sha256", secret).update(`${timestamp}.`).update(body).digest("hex")}`;
}
