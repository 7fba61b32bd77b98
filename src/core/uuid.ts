import { bytesToHex } from "@noble/hashes/utils.js";
import { hexByteAt } from "./bytes.ts";
import { InputError } from "./errors.ts";

/** The form every UUID has in our JSON (RFC 9562 text, lower case). */
export const UUID_FORM = "a UUID in lower case, e.g. 550e8400-e29b-41d4-a716-446655440000";

/** Where each byte's digits begin in the text. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/** Whether `text` is a UUID as RFC 9562 writes it, in lower case. Version and variant bits are not looked at. */
export function isUuid(text: string): boolean {
  if (text.length !== 36) return false;
  for (let i = 0; i < 36; i += 1) {
    const code = text.charCodeAt(i);
    if (i === 8 || i === 13 || i === 18 || i === 23) {
      if (code !== HYPHEN) return false;
    } else if (!isDigit(code)) return false;
  }
  return true;
}

const HYPHEN = 45;

/** 0 to 9, a to f. */
function isDigit(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 102);
}

/**
 * The 16 bytes of a UUID, `U(x)` in docs/formats.md.
 *
 * @throws InputError naming `what`.
 */
export function uuidBytes(what: string, text: string): Uint8Array {
  const bytes = new Uint8Array(16);
  writeUuid(what, text, bytes, 0);
  return bytes;
}

/** Writes the 16 bytes of a UUID at a place that has room for them. @throws InputError naming `what`. */
export function writeUuid(what: string, text: string, target: Uint8Array, at: number): void {
  if (!isUuid(text)) throw InputError.expected(what, UUID_FORM, text);
  for (let i = 0; i < 16; i += 1) target[at + i] = hexByteAt(text, PLACES[i] ?? 0);
}

/** The text of 16 bytes: the inverse of {@link uuidBytes}. @throws InputError for another number of bytes. */
export function uuidText(bytes: Uint8Array): string {
  if (bytes.length !== 16) throw InputError.expected("UUID", "16 bytes", bytes);
  return bytesToHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
