import { BATCH_COLUMNS, type BatchRow, type StreamKey } from "../batches/rows.ts";
import type { Database, Sql, SqlValue } from "../store/index.ts";
import type {
  AgentKeyRow,
  AnchorRow,
  ArchiveRow,
  CheckpointRow,
  EventRow,
  ServiceKeyRow,
  StreamRow,
  TileRow,
} from "./rows.ts";

/** Events of one stream that share something with earlier ones. */
export interface Earlier {
  /** Sequence numbers, by event id and by command id, of events before the chunk. */
  readonly eventIds: ReadonlyMap<string, bigint>;
  readonly commandIds: ReadonlyMap<string, bigint>;
  /** How many events each entity had before the chunk, by `entityName`. */
  readonly versions: ReadonlyMap<string, bigint>;
}

/** What a log is read from again: a database, or rows in memory. Lists come in order. */
export interface LogSource {
  streams(): Promise<StreamRow[]>;
  logName(): Promise<string | undefined>;
  serviceKeys(): Promise<ServiceKeyRow[]>;
  events(stream: StreamKey, from: bigint, limit: number): Promise<EventRow[]>;
  /** What events before `from` have in common with these. */
  earlier(stream: StreamKey, from: bigint, rows: readonly EventRow[]): Promise<Earlier>;
  agentKeys(stream: StreamKey): Promise<AgentKeyRow[]>;
  tile(stream: StreamKey, level: number, index: bigint): Promise<TileRow | undefined>;
  /** Ranges whose payloads were moved to files, by their first sequence number. */
  archives(stream: StreamKey): Promise<ArchiveRow[]>;
  /** Rows of the stream, whatever is in them. */
  counts(stream: StreamKey): Promise<Counts>;
  /** The first checkpoints larger than `after`. */
  checkpoints(stream: StreamKey, after: bigint, limit: number): Promise<CheckpointRow[]>;
  /** The first batch after an index. */
  nextBatch(stream: StreamKey, after: bigint): Promise<BatchRow | undefined>;
  /** What became of a batch on one chain. */
  anchor(stream: StreamKey, batchIndex: bigint, registry: Registry): Promise<AnchorRow | undefined>;
}

/** How many rows of each kind a stream has. */
export type Counts = Readonly<Record<"events" | "tiles" | "checkpoints" | "batches", bigint>>;

/** An AnchorRegistry. */
export interface Registry {
  readonly chainId: bigint;
  /** 20 bytes. */
  readonly address: Uint8Array;
}

/** An entity's name in `Earlier`. */
export const entityName = (row: Pick<EventRow, "entity_type" | "entity_id">): string =>
  JSON.stringify([row.entity_type, row.entity_id]);

type Query = <Row>(text: string, values?: readonly SqlValue[]) => Promise<Row[]>;

const HERE = "tenant_id = $1 AND store_id = $2";
const of = ({ tenant, store }: StreamKey): [string, string] => [tenant, store];

/** A database as a source. @param db As role `keeper`, which reads all and changes nothing that was signed. */
export function databaseSource(db: Database): LogSource {
  const query: Query = (text, values = []) => db.transaction(null, (sql: Sql) => sql.query(text, values));
  return {
    streams: () =>
      query("SELECT tenant_id, store_id, stream_id, head FROM proofx.streams ORDER BY tenant_id, store_id"),
    logName: async () =>
      (await query<{ log_name: string }>("SELECT log_name FROM proofx.identity"))[0]?.log_name,
    serviceKeys: () => query("SELECT purpose, key_id, public_key FROM proofx.service_keys ORDER BY 1, 2"),
    events: (stream, from, limit) =>
      query(`SELECT * FROM proofx.events WHERE ${HERE} AND sequence >= $3 ORDER BY sequence LIMIT $4`, [
        ...of(stream),
        from,
        limit,
      ]),
    earlier: (stream, from, rows) => readEarlier(query, of(stream), from, rows),
    agentKeys: (stream) =>
      query(`SELECT * FROM proofx.agent_keys WHERE ${HERE} ORDER BY agent_id, key_id`, of(stream)),
    tile: async (stream, level, index) =>
      (
        await query<TileRow>(
          `SELECT * FROM proofx.log_tiles WHERE ${HERE} AND level = $3 AND tile_index = $4`,
          [...of(stream), level, index],
        )
      )[0],
    archives: (stream) =>
      query(
        `SELECT start_sequence, end_sequence FROM proofx.archives WHERE ${HERE} ORDER BY start_sequence`,
        of(stream),
      ),
    counts: async (stream) => {
      const count = (table: string) => `(SELECT count(*) FROM proofx.${table} WHERE ${HERE})`;
      const [row] = await query<Counts>(
        `SELECT ${count("events")} AS events, ${count("log_tiles")} AS tiles, ${count("checkpoints")} AS checkpoints,
           ${count("batches")} AS batches`,
        of(stream),
      );
      return row ?? { events: 0n, tiles: 0n, checkpoints: 0n, batches: 0n };
    },
    ...headsOf(query),
  };
}

/** What was published and anchored of a stream. */
function headsOf(query: Query): Pick<LogSource, "checkpoints" | "nextBatch" | "anchor"> {
  return {
    checkpoints: (stream, after, limit) =>
      query(`SELECT * FROM proofx.checkpoints WHERE ${HERE} AND size > $3 ORDER BY size LIMIT $4`, [
        ...of(stream),
        after,
        limit,
      ]),
    nextBatch: async (stream, after) =>
      (
        await query<BatchRow>(
          `SELECT ${BATCH_COLUMNS} FROM proofx.batches b WHERE ${HERE} AND b.batch_index > $3
           ORDER BY b.batch_index LIMIT 1`,
          [...of(stream), after],
        )
      )[0],
    anchor: async (stream, index, { chainId, address }) =>
      (
        await query<AnchorRow>(
          `SELECT * FROM proofx.anchors WHERE ${HERE} AND batch_index = $3 AND chain_id = $4 AND registry = $5`,
          [...of(stream), index, chainId, address],
        )
      )[0],
  };
}

async function readEarlier(
  query: Query,
  stream: readonly string[],
  from: bigint,
  rows: readonly EventRow[],
): Promise<Earlier> {
  const commands = rows.flatMap(({ command_id }) => (command_id === null ? [] : [command_id]));
  const BEFORE = "e.tenant_id = $1 AND e.store_id = $2 AND e.sequence < $3";
  const eventIds = await query<{ id: string; sequence: bigint }>(
    `SELECT e.event_id AS id, e.sequence FROM proofx.events e WHERE ${BEFORE} AND e.event_id = ANY($4::uuid[])`,
    [...stream, from, rows.map(({ event_id }) => event_id)],
  );
  const commandIds =
    commands.length === 0
      ? []
      : await query<{ id: string; sequence: bigint }>(
          `SELECT e.command_id AS id, e.sequence FROM proofx.events e
           WHERE ${BEFORE} AND e.command_id = ANY($4::uuid[])`,
          [...stream, from, commands],
        );
  const entities = [...new Map(rows.map((row) => [entityName(row), row])).values()];
  const versions = await query<{ entity_type: string; entity_id: string; version: bigint }>(
    `SELECT w.entity_type, w.entity_id, v.version
     FROM ROWS FROM (unnest($4::text[]), unnest($5::text[])) AS w (entity_type, entity_id)
     CROSS JOIN LATERAL (SELECT coalesce(max(e.entity_version), 0) AS version FROM proofx.events e
       WHERE ${BEFORE} AND e.entity_type = w.entity_type AND e.entity_id = w.entity_id) v`,
    [...stream, from, entities.map((row) => row.entity_type), entities.map((row) => row.entity_id)],
  );
  return {
    eventIds: new Map(eventIds.map(({ id, sequence }) => [id, sequence])),
    commandIds: new Map(commandIds.map(({ id, sequence }) => [id, sequence])),
    versions: new Map(versions.map((row) => [entityName(row), row.version])),
  };
}
