import { bytesToHex } from "@noble/hashes/utils.js";
import { hexByteAt } from "./bytes.ts";
import { InputError } from "./errors.ts";

/** The form every UUID has in our JSON (RFC 9562 text, lower case). */
export const UUID_FORM = "a UUID in lower case, e.g. 550e8400-e29b-41d4-a716-446655440000";

/** Where each byte's digits begin in the text. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether `text` is a UUID as RFC 9562 writes it, in lower case. Version and variant bits are not looked at. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * The 16 bytes of a UUID, `U(x)` in docs/formats.md.
 *
 * @throws InputError naming `what`.
 */
export function uuidBytes(what: string, text: string): Uint8Array {
  if (!isUuid(text)) throw InputError.expected(what, UUID_FORM, text);
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 16; i += 1) bytes[i] = hexByteAt(text, PLACES[i] ?? 0);
  return bytes;
}

/** The text of 16 bytes: the inverse of {@link uuidBytes}. @throws InputError for another number of bytes. */
export function uuidText(bytes: Uint8Array): string {
  if (bytes.length !== 16) throw InputError.expected("UUID", "16 bytes", bytes);
  return bytesToHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
