import { concatBytes, toHex } from "../../../src/core/bytes.ts";
import {
  appendToLog,
  checkpointText,
  EMPTY_LOG,
  logRoot,
  noteText,
  signNote,
} from "../../../src/core/log/index.ts";
import { eventAad } from "../../../src/sequencer/at-rest/aad.ts";
import { dataKey, openRecord, sealRecord } from "../../../src/sequencer/at-rest/sse2.ts";
import { computeBatch } from "../../../src/sequencer/batches/compute.ts";
import { type BatchRow, stateAfter } from "../../../src/sequencer/batches/rows.ts";
import type {
  AgentKeyRow,
  ChainSource,
  CheckpointRow,
  EventRow,
  LogSource,
  OpenPayload,
  StreamRow,
  TileRow,
} from "../../../src/sequencer/verify/index.ts";
import { entityName } from "../../../src/sequencer/verify/index.ts";
import { TileWalk } from "../../../src/sequencer/verify/tiles.ts";
import { LOG_NAME, SERVICE_KEYS, serviceKeyRows, type WrittenLog } from "../written-log.ts";

const KEY = dataKey(1n, new Uint8Array(32).fill(0x77));

/** Opens what `sealed` sealed. */
export const open: OpenPayload = async ({ aad }, bytes) => openRecord(KEY, aad, bytes);

/** A log's rows, of one stream, all of which a test may change. */
export interface MemoryLog {
  stream: StreamRow;
  events: EventRow[];
  keys: AgentKeyRow[];
  tiles: TileRow[];
  checkpoints: CheckpointRow[];
  batches: BatchRow[];
}

/** A written log with sealed payloads, all its complete tiles, and checkpoints and batches that end where it is said. */
export async function memoryLog(
  log: WrittenLog,
  { batches, checkpoints }: { batches: readonly number[]; checkpoints: readonly number[] },
): Promise<MemoryLog> {
  const events = log.events.map((row) => ({ ...row, payload: sealRecord(KEY, aadOf(row), row.payload) }));
  return {
    stream: {
      tenant_id: log.tenant,
      store_id: log.store,
      stream_id: log.streamId,
      head: BigInt(events.length),
    },
    events,
    keys: log.keys.map((row) => ({ ...row })),
    tiles: tilesOf(events),
    checkpoints: await Promise.all(checkpoints.map((size) => checkpointOf(log, size))),
    batches: batchesOf(log, batches),
  };
}

const aadOf = (row: EventRow): Uint8Array =>
  eventAad({
    tenantId: row.tenant_id,
    storeId: row.store_id,
    eventId: row.event_id,
    sequence: row.sequence,
    entityType: row.entity_type,
    entityId: row.entity_id,
    eventType: row.event_type,
  });

function tilesOf(events: readonly EventRow[]): TileRow[] {
  const walk = new TileWalk();
  return events.flatMap(({ leaf }) =>
    walk.append(leaf).map(({ level, index, hashes }) => ({ level, tile_index: index, hashes })),
  );
}

/** The log's signed head at a size. */
export async function checkpointOf(log: WrittenLog, size: number): Promise<CheckpointRow> {
  const frontier = appendToLog(
    EMPTY_LOG,
    log.events.slice(0, size).map(({ leaf }) => leaf),
  );
  const root = logRoot(frontier);
  const origin = `${LOG_NAME}/${toHex(log.streamId).slice(2)}`;
  const text = checkpointText({ origin, size: BigInt(size), root });
  const note = noteText(await signNote(text, [{ name: origin, ...SERVICE_KEYS.checkpoint }]));
  return { size: BigInt(size), root, note, frontier: concatBytes(...frontier.peaks) };
}

/** Batches that end at these sequence numbers. */
export function batchesOf(log: WrittenLog, ends: readonly number[]): BatchRow[] {
  const rows: BatchRow[] = [];
  for (const end of ends) {
    const previous = stateAfter(rows.at(-1));
    const events = log.events.slice(Number(previous.end), end);
    const { batch, stateRoot, next } = computeBatch({
      tenant: log.tenant,
      store: log.store,
      previous,
      leaves: concatBytes(...events.map(({ leaf }) => leaf)),
      facts: events.flatMap(({ sequence, source_agent_id: agentId, facts_commitment: factsCommitment }) =>
        factsCommitment === null ? [] : [{ sequence, agentId, factsCommitment }],
      ),
    });
    const { tenant, store } = log;
    rows.push({
      startSequence: batch.startSequence,
      endSequence: batch.endSequence,
      batchRoot: batch.batchRoot,
      factsRoot: batch.factsRoot,
      logRoot: batch.logRoot,
      tenant,
      store,
      batchIndex: BigInt(rows.length + 1),
      stateRoot,
      frontier: concatBytes(...next.log.peaks),
      closedAt: 1n,
    });
  }
  return rows;
}

/** The rows as what a log is read from. */
export function sourceOf(log: MemoryLog): LogSource {
  return {
    streams: async () => [log.stream],
    logName: async () => LOG_NAME,
    serviceKeys: async () => serviceKeyRows(),
    events: async ({ tenant, store }, from, limit) =>
      log.events
        .filter((row) => row.tenant_id === tenant && row.store_id === store && row.sequence >= from)
        .sort((a, b) => Number(a.sequence - b.sequence))
        .slice(0, limit),
    earlier: async (_, from) => {
      const before = log.events.filter(({ sequence }) => sequence < from);
      return {
        eventIds: new Map(before.map((row) => [row.event_id, row.sequence])),
        commandIds: new Map(
          before.flatMap((row) => (row.command_id === null ? [] : [[row.command_id, row.sequence] as const])),
        ),
        versions: new Map(before.map((row) => [entityName(row), row.entity_version])),
      };
    },
    agentKeys: async () => log.keys,
    tile: async (_, level, index) => log.tiles.find((row) => row.level === level && row.tile_index === index),
    archives: async () => [],
    counts: async ({ tenant, store }) => ({
      events: BigInt(log.events.filter((row) => row.tenant_id === tenant && row.store_id === store).length),
      tiles: BigInt(log.tiles.length),
      checkpoints: BigInt(log.checkpoints.length),
      batches: BigInt(log.batches.filter((row) => row.tenant === tenant && row.store === store).length),
    }),
    checkpoints: async (_, after, limit) =>
      log.checkpoints.filter(({ size }) => size > after).slice(0, limit),
    nextBatch: async ({ tenant, store }, after) =>
      log.batches
        .filter((row) => row.tenant === tenant && row.store === store && row.batchIndex > after)
        .sort((a, b) => Number(a.batchIndex - b.batchIndex))[0],
    anchor: async () => undefined,
  };
}

/** A chain that has these batches of the stream. */
export function chainOf(batches: readonly BatchRow[]): ChainSource {
  const last = batches.at(-1);
  return {
    registry: { chainId: 31337n, address: new Uint8Array(20) },
    stream: async () => ({
      batches: batches.map((row) => ({
        batchIndex: row.batchIndex,
        end: row.endSequence,
        startSequence: row.startSequence,
        matureAt: 1n,
        batchRoot: toHex(row.batchRoot),
        factsRoot: toHex(row.factsRoot),
        logRoot: toHex(row.logRoot),
        stateRoot: toHex(row.stateRoot),
        blockNumber: 1,
        transactionHash: `0x${"00".repeat(32)}`,
      })),
      head: {
        batchIndex: BigInt(batches.length),
        end: last?.endSequence ?? 0n,
        stateRoot: toHex(last?.stateRoot ?? new Uint8Array(32)),
      },
    }),
  };
}
