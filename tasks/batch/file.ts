import { z } from "zod";
import { writeFileDurably } from "../../src/chain/files.ts";
import { toHex } from "../../src/core/bytes.ts";
import { hexField, readFields, stringifyJson, u64Field, uintField, uuidField } from "../../src/core/json.ts";
import type { ClosedBatch, SequencedEvent, StreamState } from "../../src/core/log/index.ts";
import { readJsonInput } from "../support/values.ts";

const leafEntry = z.strictObject({
  sequence: u64Field,
  eventId: uuidField,
  agentId: uuidField,
  /** The commitment the event carries, if it carries facts. */
  factsCommitment: hexField(32).nullable(),
});

const batchFile = z.strictObject({
  version: z.literal(1),
  tenantId: uuidField,
  storeId: uuidField,
  streamId: hexField(32),
  batchIndex: u64Field,
  startSequence: u64Field,
  endSequence: u64Field,
  count: uintField(2 ** 18),
  batchRoot: hexField(32),
  factsRoot: hexField(32),
  logRoot: hexField(32),
  contentRoot: hexField(32),
  stateRoot: hexField(32),
  /** Unix time (s) from which the facts root counts. */
  matureAt: u64Field,
  transactionHash: hexField(32),
  /** The stream's log at the batch's end: what the next batch goes on from. */
  log: z.strictObject({ size: u64Field, peaks: z.array(hexField(32)) }),
  events: z.array(leafEntry),
});

/** An anchored batch: what a prover and the next batch need; no facts, no payloads. Bytes are 32-byte arrays. */
export type BatchFile = z.output<typeof batchFile>;

/** Where an anchored batch stands on chain. */
export interface Anchored {
  readonly batchIndex: bigint;
  readonly matureAt: bigint;
  readonly transactionHash: string;
}

/** Reads a batch file; InputError with the path of the fault when it is not one. */
export function readBatchFile(option: string, path: string): BatchFile {
  return readFields(batchFile, readJsonInput(option, path), path);
}

/** Where the next batch of the stream goes on. */
export function streamStateOf({ endSequence, stateRoot, log }: BatchFile): StreamState {
  return { end: endSequence, stateRoot, log };
}

/** Writes the file of a batch that is on chain. */
export function writeBatchFile(
  path: string,
  events: readonly [SequencedEvent, ...SequencedEvent[]],
  closed: ClosedBatch,
  anchored: Anchored,
): void {
  const { batch, next } = closed;
  const { tenantId, storeId } = events[0].event;
  const content = {
    version: 1,
    tenantId,
    storeId,
    streamId: toHex(closed.streamId),
    batchIndex: anchored.batchIndex,
    startSequence: batch.startSequence,
    endSequence: batch.endSequence,
    count: batch.count,
    batchRoot: toHex(batch.batchRoot),
    factsRoot: toHex(batch.factsRoot),
    logRoot: toHex(batch.logRoot),
    contentRoot: toHex(closed.contentRoot),
    stateRoot: toHex(closed.stateRoot),
    matureAt: anchored.matureAt,
    transactionHash: anchored.transactionHash,
    log: { size: next.log.size, peaks: next.log.peaks.map(toHex) },
    events: events.map(({ sequence, event }) => ({
      sequence,
      eventId: event.eventId,
      agentId: event.sourceAgentId,
      factsCommitment: event.factsCommitment === undefined ? null : toHex(event.factsCommitment),
    })),
  };
  writeFileDurably(path, `${stringifyJson(content, 2)}\n`);
}
