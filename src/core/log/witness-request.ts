import { fromBase64, toBase64 } from "../base64.ts";
import { requireLength } from "../bytes.ts";
import { InputError } from "../errors.ts";
import { isU64, U64_FORM } from "../u64.ts";
import { noteText, parseNote, type SignedNote } from "./signed-note.ts";

/** The most hashes a consistency proof may have in a request to a witness. */
export const MOST_PROOF_LINES = 63;

/** What a log asks of a witness: the body of `POST /add-checkpoint` (C2SP tlog-witness). */
export interface WitnessRequest {
  /** Size of the last head that the witness cosigned; 0 for none. */
  readonly oldSize: bigint;
  /** RFC 9162 consistency proof from `oldSize` to the checkpoint's size; empty when either is 0 or both are equal. */
  readonly proof: readonly Uint8Array[];
  /** The signed checkpoint. */
  readonly note: SignedNote;
}

/** A request's body. @throws InputError for too long a proof, or a hash that is not 32 bytes. */
export function witnessRequestText({ oldSize, proof, note }: WitnessRequest): string {
  if (proof.length > MOST_PROOF_LINES)
    throw InputError.expected("consistency proof", `at most ${MOST_PROOF_LINES} hashes`, proof.length);
  const lines = proof.map((hash) => `${toBase64(requireLength("hash", hash, 32))}\n`);
  return `old ${oldSize}\n${lines.join("")}\n${noteText(note)}`;
}

/** Reads a request's body. @throws InputError for any other form. */
export function parseWitnessRequest(body: Uint8Array): WitnessRequest {
  const blank = blankLine(body);
  if (blank < 0) throw new InputError("request: expected an empty line before the checkpoint");
  // Latin-1, so that every byte stays one character: anything but ASCII is refused below.
  const head = Array.from(body.subarray(0, blank), (byte) => String.fromCharCode(byte)).join("");
  const [old = "", ...hashes] = head.split("\n");
  const size = old.startsWith("old ") ? old.slice(4) : "";
  if (!isU64(size)) throw InputError.expected("request: first line", `"old " and ${U64_FORM}`, old);
  if (hashes.length > MOST_PROOF_LINES)
    throw InputError.expected(
      "request: consistency proof",
      `at most ${MOST_PROOF_LINES} lines`,
      hashes.length,
    );
  const proof = hashes.map((line) => {
    const hash = fromBase64(line);
    if (hash?.length !== 32) throw InputError.expected("request: hash", "base64 of 32 bytes", line);
    return hash;
  });
  return { oldSize: BigInt(size), proof, note: parseNote(body.subarray(blank + 2)) };
}

/** Where the first two newlines in a row stand; -1 for nowhere. */
function blankLine(body: Uint8Array): number {
  for (let at = body.indexOf(0x0a); at >= 0; at = body.indexOf(0x0a, at + 1)) {
    if (body[at + 1] === 0x0a) return at;
  }
  return -1;
}
