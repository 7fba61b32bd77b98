import { CheckError } from "../../core/errors.ts";
import {
  parseCheckpoint,
  parseNote,
  type SignedNote,
  type VerifierKey,
  verifyCosignature,
} from "../../core/log/index.ts";
import type { Finding, Probe } from "../alerts/finding.ts";
import { ageText } from "./finding.ts";
import type { LogView } from "./log-view.ts";

type Log = Pick<LogView, "checkpoint" | "streamId" | "timeOf">;

/**
 * How long the streams' newest checkpoints have gone without a witness's cosignature: the subject is the witness's name, the figure
 * the seconds of its worst stream. A cosignature that does not hold is none. What was before the first look is told by the
 * checkpoint itself, which is there since moments after its newest event.
 *
 * @param limit Seconds; a log is cosigned moments after each checkpoint.
 */
export function witnessSilentProbe(
  witnesses: readonly VerifierKey[],
  logs: readonly Log[],
  limit: number,
  now: () => number,
): Probe {
  /** Since when each stream is without each witness. */
  const since = new Map<string, number>();
  /** Seconds. */
  const silence = async (key: VerifierKey, log: Log, note: SignedNote | undefined): Promise<number> => {
    const stream = `${key.name} ${log.streamId}`;
    if (note === undefined || isCosigned(note, key)) {
      since.delete(stream);
      return 0;
    }
    const began = since.get(stream) ?? (await madeAt(log, note)) ?? now();
    since.set(stream, began);
    return Math.max(0, now() - began) / 1000;
  };
  return {
    name: "witness-silent",
    every: Math.min(60, limit),
    look: async () => {
      const notes = await Promise.all(logs.map((log) => log.checkpoint()));
      const parsed = notes.map((note) => (note === undefined ? undefined : parseNote(note)));
      return Promise.all(
        witnesses.map(async (key): Promise<Finding> => {
          const silences = await Promise.all(logs.map((log, index) => silence(key, log, parsed[index])));
          const worst = Math.max(0, ...silences);
          const silent = logs.some(({ streamId }) => since.has(`${key.name} ${streamId}`));
          return {
            subject: key.name,
            breached: worst > limit,
            summary: silent
              ? `a stream's newest checkpoints lack ${key.name}'s cosignature for ${ageText(worst)}; the limit is ${ageText(limit)}`
              : `${key.name} cosigned the newest checkpoints`,
            value: worst,
          };
        }),
      );
    },
  };
}

/** When the newest event that a checkpoint covers was taken in; of an empty log nothing was. */
async function madeAt(log: Log, note: SignedNote): Promise<number | undefined> {
  const { size } = parseCheckpoint(note.text);
  return size === 0n ? undefined : log.timeOf(size);
}

function isCosigned(note: SignedNote, key: VerifierKey): boolean {
  try {
    verifyCosignature(note, key);
    return true;
  } catch (error) {
    if (error instanceof CheckError) return false;
    throw error;
  }
}
