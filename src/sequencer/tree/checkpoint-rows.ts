import { equalBytes } from "../../core/bytes.ts";
import { CheckError } from "../../core/errors.ts";
import { type LogFrontier, logRoot } from "../../core/log/index.ts";
import type { Sql } from "../store/index.ts";
import type { StreamKey } from "./tile-rows.ts";

/** A checkpoint that was published. */
export interface PublishedCheckpoint {
  readonly size: bigint;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** The signed note, with the cosignatures there are. */
  readonly note: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: bigint;
  readonly frontier: LogFrontier;
}

interface Row {
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly note: string;
  readonly frontier: Uint8Array;
  readonly created_at: bigint;
  readonly lines: readonly string[] | null;
}

const SELECT = `
  SELECT c.size, c.root, c.note, c.frontier, c.created_at,
    (SELECT array_agg(s.line ORDER BY s.witness) FROM cosignatures s
      WHERE s.tenant_id = c.tenant_id AND s.store_id = c.store_id AND s.size = c.size) AS lines
  FROM checkpoints c WHERE c.tenant_id = $1 AND c.store_id = $2`;

/** The newest checkpoint; undefined before the first. */
export async function latestCheckpoint(
  sql: Sql,
  { tenant, store }: StreamKey,
): Promise<PublishedCheckpoint | undefined> {
  const rows = await sql.query<Row>(`${SELECT} ORDER BY c.size DESC LIMIT 1`, [tenant, store]);
  return rows.map(fromRow)[0];
}

/** The checkpoint of one size. */
export async function checkpointOfSize(
  sql: Sql,
  { tenant, store }: StreamKey,
  size: bigint,
): Promise<PublishedCheckpoint | undefined> {
  const rows = await sql.query<Row>(`${SELECT} AND c.size = $3`, [tenant, store, size]);
  return rows.map(fromRow)[0];
}

/** Checkpoints from a size on, in their order. */
export async function listCheckpoints(
  sql: Sql,
  { tenant, store }: StreamKey,
  from: bigint,
  limit: number,
): Promise<PublishedCheckpoint[]> {
  const rows = await sql.query<Row>(`${SELECT} AND c.size >= $3 ORDER BY c.size LIMIT $4`, [
    tenant,
    store,
    from,
    limit,
  ]);
  return rows.map(fromRow);
}

/** Publishes a checkpoint; there is one for each size, for good. */
export async function insertCheckpoint(
  sql: Sql,
  { tenant, store }: StreamKey,
  { size, root, note, createdAt, frontier }: PublishedCheckpoint,
): Promise<void> {
  await sql.query("INSERT INTO checkpoints VALUES ($1, $2, $3, $4, $5, $6, $7)", [
    tenant,
    store,
    size,
    root,
    note,
    frontierBytes(frontier),
    createdAt,
  ]);
}

/** Adds a witness's line to a checkpoint; the first one stays. */
export async function insertCosignature(
  sql: Sql,
  { tenant, store }: StreamKey,
  { size, witness, line }: { readonly size: bigint; readonly witness: string; readonly line: string },
): Promise<void> {
  await sql.query("INSERT INTO cosignatures VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING", [
    tenant,
    store,
    size,
    witness,
    line,
  ]);
}

/** The largest size of this stream that a witness cosigned; 0 for none. */
export async function lastCosigned(sql: Sql, { tenant, store }: StreamKey, witness: string): Promise<bigint> {
  const [row] = await sql.query<{ size: bigint | null }>(
    "SELECT max(size) AS size FROM cosignatures WHERE tenant_id = $1 AND store_id = $2 AND witness = $3",
    [tenant, store, witness],
  );
  return row?.size ?? 0n;
}

/** Peaks one after the other, largest first. */
function frontierBytes({ peaks }: LogFrontier): Uint8Array {
  return Buffer.concat(peaks);
}

function fromRow({ size, root, note, frontier, created_at, lines }: Row): PublishedCheckpoint {
  const peaks = Array.from({ length: frontier.length / 32 }, (_, index) =>
    frontier.slice(index * 32, (index + 1) * 32),
  );
  const log: LogFrontier = { size, peaks };
  if (!equalBytes(logRoot(log), root))
    throw new CheckError(`the checkpoint of size ${size}: its root is not that of its frontier`, {
      next: "compare the database with its last backup",
    });
  return { size, root, note: note + (lines ?? []).join(""), createdAt: created_at, frontier: log };
}
