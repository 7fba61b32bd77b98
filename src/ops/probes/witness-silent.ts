import { CheckError } from "../../core/errors.ts";
import { parseNote, type VerifierKey, verifyCosignature } from "../../core/log/index.ts";
import type { Finding, Probe } from "../alerts/finding.ts";
import { ageText } from "./finding.ts";
import type { LogView } from "./log-view.ts";

/**
 * How long the streams' newest checkpoints have gone without a witness's cosignature: the subject is the witness's name, the figure
 * the seconds of its worst stream. A cosignature that does not hold is none. Nobody can say how long it was before the first
 * look, so it counts from there.
 *
 * @param limit Seconds; a log is cosigned moments after each checkpoint.
 */
export function witnessSilentProbe(
  witnesses: readonly VerifierKey[],
  logs: readonly Pick<LogView, "checkpoint" | "streamId">[],
  limit: number,
  now: () => number,
): Probe {
  /** Since when each stream is without each witness. */
  const since = new Map<string, number>();
  return {
    name: "witness-silent",
    every: 60,
    look: async () => {
      const notes = await Promise.all(logs.map((log) => log.checkpoint()));
      return witnesses.map((key): Finding => {
        let worst = 0;
        for (const [index, note] of notes.entries()) {
          const stream = `${key.name} ${logs[index]?.streamId}`;
          if (note === undefined || isCosigned(note, key)) since.delete(stream);
          else since.set(stream, since.get(stream) ?? now());
          const began = since.get(stream);
          if (began !== undefined) worst = Math.max(worst, (now() - began) / 1000);
        }
        return {
          subject: key.name,
          breached: worst > limit,
          summary:
            since.size === 0 && worst === 0
              ? `${key.name} cosigned the newest checkpoints`
              : `a stream's newest checkpoints lack ${key.name}'s cosignature for ${ageText(worst)}; the limit is ${ageText(limit)}`,
          value: worst,
        };
      });
    },
  };
}

function isCosigned(note: string, key: VerifierKey): boolean {
  try {
    verifyCosignature(parseNote(note), key);
    return true;
  } catch (error) {
    if (error instanceof CheckError) return false;
    throw error;
  }
}
