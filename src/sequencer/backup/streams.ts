import { equalBytes, toHex } from "../../core/bytes.ts";
import { CheckError } from "../../core/errors.ts";
import {
  appendToLog,
  batchRoot,
  contentRoot,
  EMPTY_LOG,
  eventLeaf,
  type LogFrontier,
  logRoot,
  type SignedContent,
  signingHash,
  stateRoot,
  streamId,
} from "../../core/log/index.ts";
import { Columns } from "./columns.ts";
import type { BackupHeader, BackupRow } from "./format.ts";

/** One stream of a backup, as far as it was recomputed. */
export interface CheckedStream {
  readonly tenantId: string;
  readonly storeId: string;
  readonly streamId: Uint8Array;
  /** Last sequence number. */
  readonly head: bigint;
  /** RFC 9162 root at the head. */
  readonly logRoot: Uint8Array;
  /** Batches in their order: what a chain may have as the stream's head. */
  readonly batches: readonly BatchEnd[];
  /** Size of the newest checkpoint; 0 without one. */
  readonly checkpoint: bigint;
}

export interface BatchEnd {
  readonly start: bigint;
  readonly end: bigint;
  readonly stateRoot: Uint8Array;
}

interface KnownBatch extends BatchEnd {
  readonly batchRoot: Uint8Array;
  readonly factsRoot: Uint8Array;
  readonly logRoot: Uint8Array;
}

interface Progress {
  readonly tenantId: string;
  readonly storeId: string;
  readonly streamId: Uint8Array;
  readonly head: bigint;
  readonly batches: KnownBatch[];
  readonly checkpoints: Map<bigint, Uint8Array>;
  log: LogFrontier;
  /** Leaves since the last batch's end. */
  leaves: Uint8Array[];
  nextBatch: number;
  state: Uint8Array;
}

/**
 * Recomputes every stream while a backup's rows pass by: signing hashes and leaves from what events say, the log's root at every
 * batch and checkpoint, batch roots, the chain of state roots. Payloads are sealed and not looked at.
 */
export class StreamChecker {
  readonly #columns: { readonly [table: string]: Columns };
  readonly #streams = new Map<string, Progress>();

  constructor(header: BackupHeader) {
    const tables = ["streams", "events", "batches", "checkpoints"];
    this.#columns = Object.fromEntries(
      tables.map((table) => [
        table,
        new Columns(table, header.tables.find(({ name }) => name === table)?.columns ?? []),
      ]),
    );
  }

  /** Takes a row of any table. @throws CheckError for the first that does not fit what came before. */
  take(table: string, row: BackupRow): void {
    const columns = this.#columns[table];
    if (columns === undefined) return;
    if (table === "streams") this.#open(columns, row);
    else if (table === "batches") this.#batch(columns, row);
    else if (table === "checkpoints")
      this.#of(columns, row).checkpoints.set(columns.int(row, "size"), columns.bytes(row, "root"));
    else this.#event(columns, row);
  }

  /** After the last row. @throws CheckError when a stream ends before its head, a batch or a checkpoint. */
  end(): CheckedStream[] {
    return [...this.#streams.values()].map((stream) => {
      const { log, head, batches, checkpoints, nextBatch } = stream;
      const name = nameOf(stream);
      if (log.size !== head)
        throw new CheckError(`${name}: expected events up to ${head}, got them up to ${log.size}`);
      if (nextBatch < batches.length)
        throw new CheckError(`${name}: batch to ${batches[nextBatch]?.end}: not all of its events are there`);
      const beyond = [...checkpoints.keys()].find((size) => size > head);
      if (beyond !== undefined)
        throw new CheckError(`${name}: the checkpoint of size ${beyond} is beyond its head ${head}`);
      return {
        tenantId: stream.tenantId,
        storeId: stream.storeId,
        streamId: stream.streamId,
        head,
        logRoot: logRoot(log),
        batches: batches.map(({ start, end, stateRoot: root }) => ({ start, end, stateRoot: root })),
        checkpoint: [...checkpoints.keys()].reduce((most, size) => (size > most ? size : most), 0n),
      };
    });
  }

  #open(columns: Columns, row: BackupRow): void {
    const tenantId = columns.some(row, "tenant_id");
    const storeId = columns.some(row, "store_id");
    const id = columns.bytes(row, "stream_id");
    if (!equalBytes(id, streamId(tenantId, storeId)))
      throw new CheckError(`stream of tenant ${tenantId}, store ${storeId}: its stream_id is another's`);
    this.#streams.set(`${tenantId}/${storeId}`, {
      tenantId,
      storeId,
      streamId: id,
      head: columns.int(row, "head"),
      batches: [],
      checkpoints: new Map(),
      log: EMPTY_LOG,
      leaves: [],
      nextBatch: 0,
      state: new Uint8Array(32),
    });
  }

  #batch(columns: Columns, row: BackupRow): void {
    const stream = this.#of(columns, row);
    const start = columns.int(row, "start_sequence");
    if (start !== (stream.batches.at(-1)?.end ?? 0n) + 1n)
      throw new CheckError(`${nameOf(stream)}: the batch from ${start} does not follow the one before`);
    stream.batches.push({
      start,
      end: columns.int(row, "end_sequence"),
      batchRoot: columns.bytes(row, "batch_root"),
      factsRoot: columns.bytes(row, "facts_root"),
      logRoot: columns.bytes(row, "log_root"),
      stateRoot: columns.bytes(row, "state_root"),
    });
  }

  #event(columns: Columns, row: BackupRow): void {
    const stream = this.#of(columns, row);
    const sequence = columns.int(row, "sequence");
    const place = `${nameOf(stream)}, sequence ${sequence}`;
    if (sequence !== stream.log.size + 1n)
      throw new CheckError(`${nameOf(stream)}: expected sequence ${stream.log.size + 1n}, got ${sequence}`);
    const leaf = checkedLeaf(columns, row, sequence, place);
    stream.log = appendToLog(stream.log, [leaf]);
    stream.leaves.push(leaf);
    closeAt(stream, sequence);
    const root = stream.checkpoints.get(sequence);
    if (root !== undefined && !equalBytes(root, logRoot(stream.log)))
      throw new CheckError(
        `${nameOf(stream)}: the checkpoint of size ${sequence} has another root than its events`,
      );
  }

  #of(columns: Columns, row: BackupRow): Progress {
    const name = `${columns.some(row, "tenant_id")}/${columns.some(row, "store_id")}`;
    const stream = this.#streams.get(name);
    if (stream === undefined) throw new CheckError(`a row of stream ${name}, which is not there`);
    return stream;
  }
}

function closeAt(stream: Progress, sequence: bigint): void {
  const batch = stream.batches[stream.nextBatch];
  if (batch === undefined) {
    // No later batch can hold them.
    stream.leaves = [];
    return;
  }
  if (batch.end !== sequence) return;
  const fault = (what: string) =>
    new CheckError(
      `${nameOf(stream)}, batch ${batch.start} to ${batch.end}: its ${what} is not that of its events`,
    );
  if (!equalBytes(batchRoot(stream.leaves), batch.batchRoot)) throw fault("batch root");
  if (!equalBytes(logRoot(stream.log), batch.logRoot)) throw fault("log root");
  const state = stateRoot({
    streamId: stream.streamId,
    previous: stream.state,
    contentRoot: contentRoot(batch),
    start: batch.start,
    end: batch.end,
    count: Number(batch.end - batch.start + 1n),
  });
  if (!equalBytes(state, batch.stateRoot)) throw fault("state root");
  stream.state = state;
  stream.leaves = [];
  stream.nextBatch++;
}

/**
 * The leaf of an event's row, recomputed from what the row says.
 *
 * @param place For error texts.
 * @throws CheckError when the row's signing hash or leaf is another.
 */
export function checkedLeaf(columns: Columns, row: BackupRow, sequence: bigint, place: string): Uint8Array {
  const content = contentOf(columns, row);
  const agentSignature = columns.bytes(row, "agent_signature");
  if (!equalBytes(signingHash(content), columns.bytes(row, "signing_hash")))
    throw new CheckError(`${place}: signing_hash is not that of its content`);
  const leaf = eventLeaf({ sequence, event: { ...content, agentSignature } });
  if (!equalBytes(leaf, columns.bytes(row, "leaf")))
    throw new CheckError(`${place}: leaf is not that of its content`);
  return leaf;
}

function contentOf(columns: Columns, row: BackupRow): SignedContent {
  const [command, base] = [columns.text(row, "command_id"), columns.text(row, "base_version")];
  return {
    vesVersion: Number(columns.int(row, "ves_version")) as SignedContent["vesVersion"],
    eventId: columns.some(row, "event_id"),
    tenantId: columns.some(row, "tenant_id"),
    storeId: columns.some(row, "store_id"),
    sourceAgentId: columns.some(row, "source_agent_id"),
    agentKeyId: Number(columns.int(row, "agent_key_id")),
    entityType: columns.some(row, "entity_type"),
    entityId: columns.some(row, "entity_id"),
    eventType: columns.some(row, "event_type"),
    createdAt: columns.some(row, "created_at"),
    ...(command === null ? {} : { commandId: command }),
    ...(base === null ? {} : { baseVersion: BigInt(base) }),
    ...(columns.text(row, "facts_commitment") === null
      ? {}
      : { factsCommitment: columns.bytes(row, "facts_commitment") }),
    payloadKind: columns.int(row, "payload_kind") === 0n ? 0 : 1,
    payloadPlainHash: columns.bytes(row, "payload_plain_hash"),
    payloadCipherHash: columns.bytes(row, "payload_cipher_hash"),
  };
}

const nameOf = ({ streamId: id }: Progress): string => `stream ${toHex(id)}`;
