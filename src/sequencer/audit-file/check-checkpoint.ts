import { toHex } from "../../core/bytes.ts";
import { CheckError, InputError } from "../../core/errors.ts";
import {
  type Checkpoint,
  parseCheckpoint,
  parseNote,
  parseSignatureLine,
  type SignedNote,
  signatureLine,
  type VerifierKey,
  verifyCosignature,
  verifyNote,
} from "../../core/log/index.ts";
import type { Findings } from "./report.ts";
import type { AuditFile } from "./schema.ts";
import type { AuditTrust } from "./trust.ts";

/** The file's checkpoint, read; its signature is judged apart, since without a pinned key the file's own one is looked up. */
export interface ReadCheckpoint extends Checkpoint {
  readonly note: SignedNote;
}

/** @throws InputError for what is no checkpoint; CheckError for one of another stream. */
export function readCheckpoint({ checkpoint }: AuditFile, streamId: Uint8Array): ReadCheckpoint {
  const note = parseNote(checkpoint.note);
  const read = parseCheckpoint(note.text);
  if (!read.origin.endsWith(`/${toHex(streamId).slice(2)}`))
    throw new CheckError(`it is of ${read.origin}, another stream than the file's`);
  if (note.signatures.length !== 1)
    throw InputError.expected("signatures of the log", "one; witnesses' stand apart", note.signatures.length);
  return { ...read, note };
}

/**
 * Judges who signed the checkpoint.
 *
 * @param stated The keys that the stream's own events name, for a file whose log key the auditor did not pin.
 */
export async function checkCheckpoint(
  checkpoint: ReadCheckpoint,
  stated: readonly VerifierKey[],
  { logKey }: AuditTrust,
  findings: Findings,
): Promise<void> {
  const { note, size, origin } = checkpoint;
  const place = "checkpoint";
  if (logKey !== undefined) {
    await findings.check(place, () => {
      verifyNote(note, [logKey]);
      findings.proved(
        `the checkpoint of ${origin} at size ${size} is signed by the pinned log key ${logKey.name}`,
      );
    });
    return;
  }
  const own = "whose checkpoint this is: pin the log's key with --log-key, or anybody may have made this log";
  if (stated.length === 0) {
    findings.notProved(own, ["checkpoint.note"]);
    return;
  }
  await findings.check(place, () => verifyNote(note, stated));
  findings.notProved(own);
}

/** Judges the witnesses' cosignatures. */
export async function checkCosignatures(
  { note }: ReadCheckpoint,
  file: AuditFile,
  { witnesses }: AuditTrust,
  findings: Findings,
): Promise<void> {
  const lines = file.checkpoint.cosignatures;
  const cosigned = await findings.check("checkpoint.cosignatures", () => {
    const signatures = lines.map((line) => requireLine(line));
    return { text: note.text, signatures };
  });
  if (cosigned === undefined) return;
  for (const witness of witnesses) {
    await findings.check(`witness ${witness.name}`, () => {
      const time = verifyCosignature(cosigned, witness);
      findings.proved(
        `witness ${witness.name} saw no other history up to ${new Date(Number(time) * 1000).toISOString()}`,
      );
    });
  }
  const pinned = new Set(witnesses.map(({ name }) => name));
  const others = cosigned.signatures.flatMap(({ name }, i) => (pinned.has(name) ? [] : [{ name, i }]));
  if (others.length > 0) {
    findings.notProved(
      `that ${others.map(({ name }) => name).join(", ")} cosigned: their keys are not pinned (--witness)`,
      others.map(({ i }) => `checkpoint.cosignatures[${i}]`),
    );
  }
  if (witnesses.length === 0)
    findings.notProved("that everybody is shown this same log: no witness is pinned (--witness)");
}

function requireLine(line: string) {
  const read = parseSignatureLine(line);
  if (signatureLine(read) !== `${line}\n`)
    throw InputError.expected("signature line", "its one spelling", line);
  return read;
}
