import { fromBase64, toBase64 } from "../base64.ts";
import { requireLength } from "../bytes.ts";
import { InputError } from "../errors.ts";
import { isU64, U64_FORM } from "../u64.ts";
import { isNoteText, parseNote, type SignedNote, verifyNote } from "./signed-note.ts";
import type { VerifierKey } from "./verifier-key.ts";

/** The head of a log at one size: the text that a checkpoint signs (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** Names the log; not empty, one line. */
  readonly origin: string;
  /** Number of entries; u64. */
  readonly size: bigint;
  /** RFC 9162 root at that size, 32 bytes. */
  readonly root: Uint8Array;
  /** Lines after the root, which nobody audits; we write none. */
  readonly extensions?: readonly string[];
}

/** A checkpoint whose log's signature was verified, with the note it came in. */
export interface OpenedCheckpoint extends Checkpoint {
  readonly note: SignedNote;
}

/**
 * A checkpoint's text, which its log signs.
 *
 * @throws InputError when a field has no form in it.
 */
export function checkpointText({ origin, size, root, extensions = [] }: Checkpoint): string {
  const lines = [origin, size.toString(), toBase64(requireLength("root", root, 32)), ...extensions];
  const text = `${lines.join("\n")}\n`;
  parseCheckpoint(text);
  return text;
}

/**
 * Reads a checkpoint's text: what stands in a note before its blank line.
 *
 * @throws InputError for a size with a leading zero, base64 that is not canonical, an empty line, or a missing one.
 */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new InputError("checkpoint: expected a newline at its end");
  const [origin, size, encoded, ...extensions] = lines;
  if (origin === undefined || size === undefined || encoded === undefined || lines.includes(""))
    throw new InputError("checkpoint: expected three lines or more, none empty");
  if (!isNoteText(text)) throw new InputError("checkpoint: expected Unicode text without control characters");
  if (!isU64(size)) throw InputError.expected("checkpoint: size", U64_FORM, size);
  const root = fromBase64(encoded);
  if (root?.length !== 32) throw InputError.expected("checkpoint: root", "base64 of 32 bytes", encoded);
  return { origin, size: BigInt(size), root, ...(extensions.length === 0 ? {} : { extensions }) };
}

/**
 * Reads a signed checkpoint and checks that its log signed it.
 *
 * @param keys Note keys of the log; one of them must have signed.
 * @param origin The log it must be of.
 * @throws InputError for another form or another log; CheckError when no key's signature holds.
 */
export function openCheckpoint(
  note: Uint8Array | string,
  keys: readonly VerifierKey[],
  origin: string,
): OpenedCheckpoint {
  const parsed = parseNote(note);
  verifyNote(parsed, keys);
  const checkpoint = parseCheckpoint(parsed.text);
  if (checkpoint.origin !== origin)
    throw InputError.expected("checkpoint: origin", `"${origin}"`, checkpoint.origin);
  return { ...checkpoint, note: parsed };
}
