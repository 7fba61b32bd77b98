import { concatBytes, requireLength, uint, uintFromBytes } from "../bytes.ts";
import { CheckError, InputError } from "../errors.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { verifyEd25519 } from "./signature.ts";
import { lineOf, type NoteSignature, type NoteSigner, type SignedNote } from "./signed-note.ts";
import { noteKeyId, SIGNATURE_TYPE, type VerifierKey } from "./verifier-key.ts";

const LATEST = 2n ** 63n - 1n;

/** What a cosigner signs: `cosignature/v1`, the time in seconds, and the checkpoint's whole text. */
export function cosignatureMessage(checkpoint: string, time: bigint): Uint8Array {
  return new TextEncoder().encode(`cosignature/v1\ntime ${time}\n${checkpoint}`);
}

/**
 * States that the checkpoint is the largest head of its log seen so far, at `time` (C2SP tlog-cosignature, Ed25519).
 *
 * @param checkpoint Its text, without signature lines.
 * @param time Seconds since the epoch, below 2^63.
 * @throws InputError for a text that is no checkpoint, or no time; CheckError when the signer's answer does not hold.
 */
export async function cosign(checkpoint: string, signer: NoteSigner, time: bigint): Promise<NoteSignature> {
  parseCheckpoint(checkpoint);
  if (time < 0n || time > LATEST) throw InputError.expected("time", "seconds from 0 to 2^63 - 1", time);
  const signed = requireLength("signature", await signer.sign(cosignatureMessage(checkpoint, time)), 64);
  const key: VerifierKey = {
    name: signer.name,
    publicKey: signer.publicKey,
    type: SIGNATURE_TYPE.cosignature,
  };
  const signature = concatBytes(uint("time", time, 8), signed);
  const line = { name: signer.name, keyId: noteKeyId(key), signature };
  verifyCosignature({ text: checkpoint, signatures: [line] }, key);
  return line;
}

/**
 * Checks a witness's cosignature of a checkpoint.
 *
 * @param key A cosignature key.
 * @param notAfter A time in the future of this is refused; seconds since the epoch.
 * @returns When the witness cosigned; seconds since the epoch.
 * @throws CheckError when there is none, two, or one that does not hold; InputError when the note is no checkpoint.
 */
export function verifyCosignature(note: SignedNote, key: VerifierKey, notAfter = LATEST): bigint {
  if (key.type !== SIGNATURE_TYPE.cosignature)
    throw InputError.expected(`key ${key.name}`, "a cosignature key (type 4)", key.type);
  parseCheckpoint(note.text);
  const line = lineOf(note, key);
  if (line === undefined) throw new CheckError(`checkpoint: not cosigned by ${key.name}`);
  const time = uintFromBytes(line.signature.subarray(0, 8));
  const message = cosignatureMessage(note.text, time);
  if (line.signature.length !== 72 || !verifyEd25519(line.signature.subarray(8), message, key.publicKey))
    throw new CheckError(`checkpoint: the cosignature of ${key.name} does not hold`);
  if (time > LATEST || time > notAfter)
    throw new CheckError(`checkpoint: the cosignature of ${key.name} is from the future (${time})`);
  return time;
}
