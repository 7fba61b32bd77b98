import { concatBytes, equalBytes, toHex } from "../../core/bytes.ts";
import {
  type LogFrontier,
  logRoot,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  type VerifierKey,
} from "../../core/log/index.ts";
import type { ComputedBatch } from "../batches/compute.ts";
import type { BatchRow } from "../batches/rows.ts";
import { EntryCheck } from "./fault.ts";
import type { CheckpointRow } from "./rows.ts";

/** What a stream's checkpoints are of. */
export interface CheckpointPlace {
  /** 0x hex. */
  readonly stream: string;
  /** Undefined when nothing says it: then it is not compared. */
  readonly origin: string | undefined;
  readonly keys: readonly VerifierKey[];
}

/** Checks a checkpoint against the log of its size. @throws FaultFound */
export function checkCheckpoint(place: CheckpointPlace, row: CheckpointRow, log: LogFrontier): void {
  const check = new EntryCheck(place.stream, "checkpoint", row.size);
  const root = logRoot(log);
  check.require(equalBytes(root, row.root), "root", `the log has ${toHex(root)}, the row ${toHex(row.root)}`);
  const peaks = concatBytes(...log.peaks);
  check.require(equalBytes(peaks, row.frontier), "frontier", "it is not the log's at this size");
  const opened = check.run("note", () => {
    const origin = place.origin ?? parseCheckpoint(parseNote(row.note).text).origin;
    return openCheckpoint(row.note, place.keys, origin);
  });
  check.require(opened.size === row.size, "note", `it is signed for size ${opened.size}`);
  check.require(equalBytes(opened.root, root), "note", `it is signed for root ${toHex(opened.root)}`);
  check.require(opened.extensions === undefined, "note", "it has lines that this log does not write");
  check.require(
    opened.note.signatures.length === 1,
    "note",
    "it is kept with more than the log's own signature",
  );
}

/** Checks a batch against what its events give. @throws FaultFound */
export function checkBatch(stream: string, row: BatchRow, computed: ComputedBatch): void {
  const check = new EntryCheck(stream, "batch", row.batchIndex);
  const { batch, stateRoot, next } = computed;
  const roots = { ...batch, stateRoot, frontier: concatBytes(...next.log.peaks) };
  for (const field of ["batchRoot", "factsRoot", "logRoot", "stateRoot", "frontier"] as const) {
    const column = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    check.require(
      equalBytes(roots[field], row[field]),
      column,
      `its events give ${toHex(roots[field])}, the row has ${toHex(row[field])}`,
    );
  }
}
