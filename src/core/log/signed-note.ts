import { fromBase64, toBase64 } from "../base64.ts";
import { concatBytes, requireLength, uint, uintFromBytes } from "../bytes.ts";
import { CheckError, InputError } from "../errors.ts";
import { verifyEd25519 } from "./signature.ts";
import { isKeyName, noteKeyId, SIGNATURE_TYPE, type VerifierKey } from "./verifier-key.ts";

/** One signature line of a note; what it means depends on the key. */
export interface NoteSignature {
  readonly name: string;
  /** u32. */
  readonly keyId: number;
  /** Of a note key 64 bytes, of a cosignature key 72. */
  readonly signature: Uint8Array;
}

/** A text with its signatures (C2SP signed-note). The text means nothing until one of them was verified. */
export interface SignedNote {
  /** Ends in a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** What signs notes; the private key stays behind it. */
export interface NoteSigner {
  readonly name: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Signs a message of any length; 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** More signature lines than this are refused. */
export const MOST_SIGNATURES = 100;

// biome-ignore lint/suspicious/noControlCharactersInRegex: a note must not hold them.
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;
const LINE_FORM = '"— NAME BASE64" and a newline';

/**
 * Reads a signed note. Form only: nothing in it counts before `verifyNote`.
 *
 * @throws InputError for bytes that are no UTF-8, control characters, a missing blank line, no or too many signatures,
 * or a line of any other form, base64 that is not canonical included.
 */
export function parseNote(note: Uint8Array | string): SignedNote {
  const whole = typeof note === "string" ? note : decode(note);
  if (!isNoteText(whole))
    throw new InputError("note: expected Unicode text without control characters other than newlines");
  const end = whole.lastIndexOf("\n\n");
  if (end < 0 || !whole.endsWith("\n"))
    throw new InputError("note: expected text, a blank line and signature lines that end in newlines");
  const lines = whole.slice(end + 2, -1).split("\n");
  if (lines.length > MOST_SIGNATURES)
    throw InputError.expected("note: signatures", `at most ${MOST_SIGNATURES}`, lines.length);
  return { text: whole.slice(0, end + 1), signatures: lines.map(parseSignatureLine) };
}

/** Whether a text may stand in a note: Unicode without control characters other than newlines. */
export function isNoteText(text: string): boolean {
  return text.isWellFormed() && !CONTROL.test(text);
}

/** Reads one signature line, without its newline. @throws InputError for another form. */
export function parseSignatureLine(line: string): NoteSignature {
  const [dash, name, encoded, ...rest] = line.split(" ");
  const bytes = encoded === undefined ? undefined : fromBase64(encoded);
  if (dash !== "—" || name === undefined || !isKeyName(name) || bytes === undefined || rest.length > 0)
    throw InputError.expected("note: signature line", LINE_FORM, line);
  if (bytes.length < 5) throw InputError.expected("note: signature", "5 bytes or more", bytes);
  return { name, keyId: Number(uintFromBytes(bytes.subarray(0, 4))), signature: bytes.slice(4) };
}

/** A signature's line with its newline. */
export function signatureLine({ name, keyId, signature }: NoteSignature): string {
  return `— ${name} ${toBase64(concatBytes(uint("key id", keyId, 4), signature))}\n`;
}

/** A note as it is sent and kept; what `parseNote` reads. */
export function noteText({ text, signatures }: SignedNote): string {
  return `${text}\n${signatures.map(signatureLine).join("")}`;
}

/**
 * Signs a text.
 *
 * @returns The note, checked as any reader would.
 * @throws InputError for a text that is no note's; CheckError when a signer's answer does not hold.
 */
export async function signNote(text: string, signers: readonly NoteSigner[]): Promise<SignedNote> {
  if (!text.endsWith("\n")) throw new InputError("note: expected a text that ends in a newline");
  const message = new TextEncoder().encode(text);
  const keys = signers.map(({ name, publicKey }) => ({ name, publicKey, type: SIGNATURE_TYPE.note }));
  const signatures = await Promise.all(
    signers.map(async ({ name, publicKey, sign }) => ({
      name,
      keyId: noteKeyId({ name, publicKey, type: SIGNATURE_TYPE.note }),
      signature: requireLength("signature", await sign(message), 64),
    })),
  );
  const note = parseNote(noteText({ text, signatures }));
  for (const key of keys) verifyNote(note, [key]);
  return note;
}

/**
 * Checks who signed a note. Lines of keys that are not given are passed over, as the format has it.
 *
 * @param keys Note keys whose signature counts; 1 or more.
 * @returns Those of them that signed.
 * @throws CheckError when none of them did, when a line of one of them does not hold, or when one has two lines.
 */
export function verifyNote(note: SignedNote, keys: readonly VerifierKey[]): VerifierKey[] {
  const message = new TextEncoder().encode(note.text);
  const holding = keys.filter((key) => {
    if (key.type !== SIGNATURE_TYPE.note)
      throw InputError.expected(`key ${key.name}`, "a note key (type 1)", key.type);
    const line = lineOf(note, key);
    if (line === undefined) return false;
    if (!verifyEd25519(line.signature, message, key.publicKey))
      throw new CheckError(`note: the signature of ${key.name} does not hold`);
    return true;
  });
  if (holding.length === 0)
    throw new CheckError(`note: not signed by ${keys.map(({ name }) => name).join(" or ")}`);
  return holding;
}

/**
 * The line of one key; undefined when it did not sign.
 *
 * @throws CheckError when there are two: one signature could be counted twice.
 */
export function lineOf({ signatures }: SignedNote, key: VerifierKey): NoteSignature | undefined {
  const id = noteKeyId(key);
  const lines = signatures.filter(({ name, keyId }) => name === key.name && keyId === id);
  if (lines.length > 1) throw new CheckError(`note: two signatures of ${key.name}`);
  return lines[0];
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new InputError("note: expected UTF-8", { cause });
  }
}
