import { z } from "zod";
import { writeFileDurably } from "../../src/chain/files.ts";
import { toHex } from "../../src/core/bytes.ts";
import { InputError } from "../../src/core/errors.ts";
import { hexField, readFields, stringifyJson, u64Field, uintField, uuidField } from "../../src/core/json.ts";
import type { Batch, LeafContent, LogFrontier, StreamState } from "../../src/core/log/index.ts";
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
  /** The stream's log at the batch's end: what the next batch goes on from. Left out where the log service closes batches. */
  log: z.strictObject({ size: u64Field, peaks: z.array(hexField(32)) }).optional(),
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

/** Where the next batch of the stream goes on. @throws InputError for a batch that the log service closed. */
export function streamStateOf({ endSequence, stateRoot, log }: BatchFile): StreamState {
  if (log === undefined)
    throw new InputError(
      "--previous: expected a file of batch anchor, got one of a stream that the log service anchors",
    );
  return { end: endSequence, stateRoot, log };
}

/** What a batch file tells beside where the batch stands on chain. */
export interface BatchContent {
  readonly tenantId: string;
  readonly storeId: string;
  readonly streamId: Uint8Array;
  readonly batch: Batch;
  /** 32 bytes each. */
  readonly contentRoot: Uint8Array;
  readonly stateRoot: Uint8Array;
  readonly log?: LogFrontier;
  readonly events: readonly LeafContent[];
}

/** Writes the file of a batch that is on chain. */
export function writeBatchFile(path: string, content: BatchContent, anchored: Anchored): void {
  const { batch, log } = content;
  const file = {
    version: 1,
    tenantId: content.tenantId,
    storeId: content.storeId,
    streamId: toHex(content.streamId),
    batchIndex: anchored.batchIndex,
    startSequence: batch.startSequence,
    endSequence: batch.endSequence,
    count: batch.count,
    batchRoot: toHex(batch.batchRoot),
    factsRoot: toHex(batch.factsRoot),
    logRoot: toHex(batch.logRoot),
    contentRoot: toHex(content.contentRoot),
    stateRoot: toHex(content.stateRoot),
    matureAt: anchored.matureAt,
    transactionHash: anchored.transactionHash,
    ...(log === undefined ? {} : { log: { size: log.size, peaks: log.peaks.map(toHex) } }),
    events: content.events.map(({ sequence, event }) => ({
      sequence,
      eventId: event.eventId,
      agentId: event.sourceAgentId,
      factsCommitment: event.factsCommitment === undefined ? null : toHex(event.factsCommitment),
    })),
  };
  writeFileDurably(path, `${stringifyJson(file, 2)}\n`);
}
