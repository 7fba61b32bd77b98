import { CheckError } from "../errors.ts";
import type { Checkpoint, OpenedCheckpoint } from "./checkpoint.ts";

/**
 * A log does not continue what it signed before: it took entries back, changed them, or shows others another history. Who keeps
 * the notes of both heads can prove it to everybody.
 */
export class ForkError extends CheckError {
  readonly before: Checkpoint;
  /** Signed, and verified. */
  readonly after: OpenedCheckpoint;

  constructor(message: string, before: Checkpoint, after: OpenedCheckpoint) {
    super(message);
    this.before = before;
    this.after = after;
  }
}
