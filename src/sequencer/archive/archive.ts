import { createHash } from "node:crypto";
import { join } from "node:path";
import { equalBytes, toHex } from "../../core/bytes.ts";
import { CheckError, InputError } from "../../core/errors.ts";
import { type LogFrontier, logRoot, streamId } from "../../core/log/index.ts";
import { quoted, tablesInOrder } from "../backup/tables.ts";
import { writeLines } from "../backup/write-file.ts";
import type { Database, Sql, Store } from "../store/index.ts";
import { LogReader, type StreamKey } from "../tree/index.ts";
import { type VerifiedArchive, verifyArchive } from "./verify.ts";

/** Events of a stream whose payloads are to go. */
export interface ArchiveRequest {
  readonly stream: StreamKey;
  /** Up to here; what was archived before is left out. */
  readonly through: bigint;
  /** Where archives are kept. */
  readonly folder: string;
  readonly onProgress?: (done: bigint, end: bigint) => void;
  /** Milliseconds since the epoch. */
  readonly now?: number;
}

/** A range that was archived. */
export interface Archived {
  readonly file: string;
  readonly start: bigint;
  readonly end: bigint;
}

/** Rows emptied in one transaction. */
const STEP = 1000n;

/**
 * Moves the payloads of a stream's older events into a file that still verifies. What the rows keep, headers, hashes and leaves,
 * is all that proofs need and all that refuses a repeat. The registrar's own events keep their payloads: everybody's keys rest on them.
 *
 * In this order: the file on disk and read back; a row that records it; payloads emptied. Killed anywhere, the same call goes on.
 *
 * @returns The ranges that this call finished; none when all up to `through` is archived.
 * @throws InputError for a range that no checkpoint covers.
 */
export async function archivePayloads(store: Store, request: ArchiveRequest): Promise<Archived[]> {
  const keeper = store.as("keeper");
  const done: Archived[] = [];
  for (const open of await unfinished(keeper, request)) done.push(await finish(keeper, request, open));
  const start = (await lastEnd(keeper, request.stream)) + 1n;
  if (start > request.through) return done;
  await requireCheckpoint(keeper, request);
  const verified = await writeArchive(store, request, start);
  await keeper.transaction(request.stream.tenant, (sql) =>
    sql.query("INSERT INTO proofx.archives VALUES ($1, $2, $3, $4, $5, $6, $7)", [
      request.stream.tenant,
      request.stream.store,
      start,
      request.through,
      nameOf(request.stream, start, request.through),
      verified.fileHash,
      BigInt(request.now ?? Date.now()),
    ]),
  );
  const range = { file: fileOf(request, start, request.through), start, end: request.through };
  done.push(await finish(keeper, request, range));
  return done;
}

/** The last event that was sequenced before a time, in ms; 0 when there is none. Clocks go back: none after it is older. */
export async function lastBefore(
  database: Database,
  { tenant, store }: StreamKey,
  time: bigint,
): Promise<bigint> {
  return await database.transaction(tenant, async (sql) => {
    const [row] = await sql.query<{ last: bigint | null }>(
      `SELECT coalesce(
         (SELECT min(sequence) - 1 FROM proofx.events WHERE tenant_id = $1 AND store_id = $2 AND sequenced_at >= $3),
         (SELECT max(sequence) FROM proofx.events WHERE tenant_id = $1 AND store_id = $2)) AS last`,
      [tenant, store, time],
    );
    return row?.last ?? 0n;
  });
}

/**
 * Checks that an archive is the one the log knows: its file's hash, and its roots against the log's own tree.
 *
 * @throws CheckError when the log knows another, or none.
 */
export async function requireKnown(store: Store, archive: VerifiedArchive): Promise<void> {
  const stream = { tenant: archive.tenantId, store: archive.storeId };
  const [known] = await store
    .as("app")
    .transaction(stream.tenant, (sql) =>
      sql.query<{ end_sequence: bigint; file_hash: Uint8Array }>(
        "SELECT end_sequence, file_hash FROM proofx.archives WHERE tenant_id = $1 AND store_id = $2 AND start_sequence = $3",
        [stream.tenant, stream.store, archive.start],
      ),
    );
  if (known?.end_sequence !== archive.end || !equalBytes(known.file_hash, archive.fileHash))
    throw new CheckError(`the log has no such archive of sequences ${archive.start} to ${archive.end}`);
  const log = await new LogReader(store.as("app")).frontier(stream, archive.end);
  if (!equalBytes(logRoot(log), archive.rootAtEnd))
    throw new CheckError(`the log has another root at ${archive.end} than the archive`);
}

const nameOf = ({ tenant, store }: StreamKey, start: bigint, end: bigint): string =>
  `${toHex(streamId(tenant, store)).slice(2, 18)}-${start}-${end}.proofx-archive.gz`;

const fileOf = ({ folder, stream }: ArchiveRequest, start: bigint, end: bigint): string =>
  join(folder, nameOf(stream, start, end));

async function writeArchive(store: Store, request: ArchiveRequest, start: bigint): Promise<VerifiedArchive> {
  const { stream, through } = request;
  const reader = new LogReader(store.as("app"));
  const before = await reader.frontier(stream, start - 1n);
  const atEnd = await reader.frontier(stream, through);
  const path = fileOf(request, start, through);
  await store.as("owner").transaction(null, async (sql) => {
    await sql.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    await sql.query("SET LOCAL bytea_output = 'hex'");
    await writeLines(path, linesOf(sql, request, start, before, atEnd));
  });
  return await verifyArchive(path);
}

async function* linesOf(
  sql: Sql,
  { stream, through, onProgress }: ArchiveRequest,
  start: bigint,
  before: LogFrontier,
  atEnd: LogFrontier,
): AsyncGenerator<string> {
  const hash = createHash("sha256");
  const line = (value: object): string => {
    const text = JSON.stringify(value);
    hash.update(`${text}\n`);
    return text;
  };
  const table = (await tablesInOrder(sql)).find(({ name }) => name === "events");
  const columns = table?.columns.map(({ name }) => name) ?? [];
  yield line({
    proofx_archive: 1,
    tenant_id: stream.tenant,
    store_id: stream.store,
    stream_id: toHex(streamId(stream.tenant, stream.store)),
    start_sequence: String(start),
    end_sequence: String(through),
    before: before.peaks.map(toHex),
    columns,
  });
  const chosen = columns.map((name, i) => `${quoted(name)}::text AS c${i}`).join(", ");
  let rows = 0;
  // A payload may be a mebibyte: a few at a time.
  for (let from = start; from <= through; from += 32n) {
    const found = await sql.query<Record<string, string | null>>(
      `SELECT ${chosen} FROM proofx.events WHERE tenant_id = $1 AND store_id = $2 AND sequence BETWEEN $3 AND $4 ORDER BY sequence`,
      [stream.tenant, stream.store, from, from + 31n < through ? from + 31n : through],
    );
    for (const row of found) yield line(columns.map((_, i) => row[`c${i}`] ?? null));
    rows += found.length;
    onProgress?.(from, through);
  }
  yield JSON.stringify({
    manifest: {
      rows,
      root_before: toHex(logRoot(before)),
      root_at_end: toHex(logRoot(atEnd)),
      sha256: hash.digest("hex"),
    },
  });
}

async function lastEnd(keeper: Database, { tenant, store }: StreamKey): Promise<bigint> {
  return await keeper.transaction(tenant, async (sql) => {
    const [row] = await sql.query<{ last: bigint }>(
      "SELECT coalesce(max(end_sequence), 0) AS last FROM proofx.archives WHERE tenant_id = $1 AND store_id = $2",
      [tenant, store],
    );
    return row?.last ?? 0n;
  });
}

async function requireCheckpoint(keeper: Database, { stream, through }: ArchiveRequest): Promise<void> {
  const newest = await keeper.transaction(stream.tenant, async (sql) => {
    const [row] = await sql.query<{ size: bigint }>(
      "SELECT coalesce(max(size), 0) AS size FROM proofx.checkpoints WHERE tenant_id = $1 AND store_id = $2",
      [stream.tenant, stream.store],
    );
    return row?.size ?? 0n;
  });
  if (through > newest)
    throw InputError.expected(
      "through",
      `a sequence number that a checkpoint covers, up to ${newest}`,
      through,
    );
}

const TO_EMPTY = `tenant_id = $1 AND store_id = $2 AND sequence BETWEEN $3 AND $4
  AND event_type NOT LIKE 'proofx.%' AND length(payload) > 0`;

/** Recorded ranges with payloads left: what was cut short. */
async function unfinished(keeper: Database, request: ArchiveRequest): Promise<Archived[]> {
  const { tenant, store } = request.stream;
  return await keeper.transaction(tenant, async (sql) => {
    const rows = await sql.query<{ start: bigint; end: bigint; name: string; hash: Uint8Array }>(
      `SELECT start_sequence AS start, end_sequence AS end, file_name AS name, file_hash AS hash FROM proofx.archives a
       WHERE tenant_id = $1 AND store_id = $2 AND EXISTS (
         SELECT FROM proofx.events e WHERE e.tenant_id = $1 AND e.store_id = $2
           AND e.sequence BETWEEN a.start_sequence AND a.end_sequence
           AND e.event_type NOT LIKE 'proofx.%' AND length(e.payload) > 0)
       ORDER BY start_sequence`,
      [tenant, store],
    );
    return rows.map(({ start, end, name }) => ({ file: join(request.folder, name), start, end }));
  });
}

/** Empties a recorded range, after its file was read back once more: nothing is emptied that the file does not hold. */
async function finish(
  keeper: Database,
  { stream, onProgress }: ArchiveRequest,
  range: Archived,
): Promise<Archived> {
  const { fileHash } = await verifyArchive(range.file);
  const known = await keeper.transaction(stream.tenant, (sql) =>
    sql.query<{ file_hash: Uint8Array }>(
      "SELECT file_hash FROM proofx.archives WHERE tenant_id = $1 AND store_id = $2 AND start_sequence = $3",
      [stream.tenant, stream.store, range.start],
    ),
  );
  if (known[0] === undefined || !equalBytes(known[0].file_hash, fileHash))
    throw new CheckError(
      `${range.file} is not the file that the log recorded for sequences ${range.start} to ${range.end}`,
    );
  for (let from = range.start; from <= range.end; from += STEP) {
    const to = from + STEP - 1n < range.end ? from + STEP - 1n : range.end;
    await keeper.transaction(stream.tenant, (sql) =>
      sql.query(`UPDATE proofx.events SET payload = '' WHERE ${TO_EMPTY}`, [
        stream.tenant,
        stream.store,
        from,
        to,
      ]),
    );
    onProgress?.(to, range.end);
  }
  return range;
}
