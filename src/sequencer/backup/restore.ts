import { CheckError, RefusedError } from "../../core/errors.ts";
import { allMigrations, type Migration, migrate, type Sql, type Store } from "../store/index.ts";
import type { BackupHeader, BackupRow } from "./format.ts";
import { type BackupReader, openBackup } from "./read-file.ts";
import { quoted, type Table, tablesInOrder } from "./tables.ts";
import { passThrough, type VerifiedBackup } from "./verify.ts";

/** Bytes of rows written at once, about, and the most rows. */
const CHUNK_BYTES = 2 ** 20;
const MOST_ROWS = 500;

export interface RestoreOptions {
  /** The file of keys: without it the log is restored, and no payload can be read. */
  readonly keys?: string | undefined;
  /** For encrypted files. */
  readonly identity?: string | undefined;
  readonly onProgress?: (table: string, rows: number) => void;
}

/** A log that was restored whole. */
export interface RestoredBackup extends VerifiedBackup {
  /** Rows of the file of keys that were left out, by table: of tenants that came after the log's backup was taken. */
  readonly skippedKeys: Readonly<Record<string, number>>;
}

/**
 * Fills an empty database from a backup, with the schema that the backup had, log and keys in one transaction. Everything is
 * checked on the way as `verifyBackup` does; when something is wrong the database stays empty.
 *
 * The file of keys may be newer than the log: keys of tenants whom the log does not have are left out, and counted.
 *
 * @param store With an owner who may make the schema.
 * @throws RefusedError for a database that holds a log already; CheckError for a damaged backup, or one of an unknown schema.
 */
export async function restoreBackup(
  store: Store,
  path: string,
  options: RestoreOptions = {},
): Promise<RestoredBackup> {
  const log = await openBackup(path, options.identity);
  if (log.header.content !== "log") throw new CheckError(`${path} holds keys, not a log`);
  await requireEmpty(store);
  const keys = options.keys === undefined ? undefined : await openBackup(options.keys, options.identity);
  if (keys !== undefined && keys.header.content !== "keys")
    throw new CheckError(`${options.keys} holds no keys`);
  await migrate(store, { backup: async () => {}, migrations: schemaOf(log.header, path) });
  return await store.as("owner").transaction(null, async (sql) => {
    const into: Target = {
      sql,
      tables: new Map((await tablesInOrder(sql)).map((table) => [table.name, table])),
      onProgress: options.onProgress,
    };
    return await withoutTriggers(into, async () => {
      const restored = await fill(into, log);
      if (keys === undefined) return { ...restored, skippedKeys: {} };
      return { ...restored, skippedKeys: await fillKeys(into, keys) };
    });
  });
}

/**
 * Triggers are for what happens now. A restored row is history: a proof's data key comes later, or was destroyed with its agent's, or
 * is left out; and a credential that was made then is no act of today.
 */
async function withoutTriggers<T>({ sql, tables }: Target, run: () => Promise<T>): Promise<T> {
  const all = async (change: "DISABLE" | "ENABLE"): Promise<void> => {
    for (const name of tables.keys())
      await sql.query(`ALTER TABLE proofx.${quoted(name)} ${change} TRIGGER USER`);
  };
  await all("DISABLE");
  const result = await run();
  // When something failed, the transaction's end takes the first statements back.
  await all("ENABLE");
  return result;
}

async function requireEmpty(store: Store): Promise<void> {
  const filled = await store.as("owner").transaction(null, async (sql) => {
    const [found] = await sql.query<{ name: string | null }>(
      "SELECT to_regclass('proofx.streams')::text AS name",
    );
    if (found?.name == null) return false;
    const [row] = await sql.query<{ some: boolean }>(
      "SELECT EXISTS (SELECT FROM proofx.tenants) OR EXISTS (SELECT FROM proofx.streams) AS some",
    );
    return row?.some === true;
  });
  if (!filled) return;
  throw new RefusedError("the database to restore into holds a log already", {
    next: "name an empty one: a restore goes beside the old log and never over it",
  });
}

/** The steps of the backup's schema, which must be known here with the same text. */
function schemaOf({ migrations }: BackupHeader, path: string): Migration[] {
  const known = allMigrations();
  return migrations.map(({ name, hash }, i) => {
    const step = known[i];
    if (step?.name === name && step.hash === hash) return step;
    throw new CheckError(`${path}: its schema has step ${name}, which this version of ProofX does not know`, {
      next: "restore with the version that took the backup, or a newer one",
    });
  });
}

interface Target {
  readonly sql: Sql;
  readonly tables: ReadonlyMap<string, Table>;
  readonly onProgress: RestoreOptions["onProgress"];
}

/** Fills in the keys of the tenants that are there already, and counts the rows of others by table. */
async function fillKeys(into: Target, reader: BackupReader): Promise<Record<string, number>> {
  const found = await into.sql.query<{ id: string }>("SELECT tenant_id::text AS id FROM proofx.tenants");
  const tenants = new Set(found.map(({ id }) => id));
  const places = new Map(
    reader.header.tables.map(({ name, columns }) => [name, columns.indexOf("tenant_id")]),
  );
  const skipped: Record<string, number> = {};
  await fill(into, reader, (name, row) => {
    if (tenants.has(row[places.get(name) ?? -1] ?? "")) return true;
    skipped[name] = (skipped[name] ?? 0) + 1;
    return false;
  });
  return skipped;
}

async function fill(
  { sql, tables, onProgress }: Target,
  reader: BackupReader,
  isWanted: (table: string, row: BackupRow) => boolean = () => true,
): Promise<VerifiedBackup> {
  const counts = new Map<string, number>();
  let waiting: { table: Table; rows: BackupRow[]; bytes: number } | undefined;
  const flush = async (): Promise<void> => {
    if (waiting === undefined || waiting.rows.length === 0) return;
    const { table, rows } = waiting;
    waiting = undefined;
    await insert(sql, table, reader.header, rows);
    const count = (counts.get(table.name) ?? 0) + rows.length;
    counts.set(table.name, count);
    onProgress?.(table.name, count);
  };
  const verified = await passThrough(reader, async (name, row) => {
    if (!isWanted(name, row)) return;
    if (waiting?.table.name !== name) {
      await flush();
      const table = tables.get(name);
      if (table === undefined)
        throw new CheckError(`the backup has a table ${name}, which its schema does not`);
      waiting = { table, rows: [], bytes: 0 };
    }
    if (waiting === undefined) return;
    waiting.rows.push(row);
    waiting.bytes += row.reduce((sum, text) => sum + (text?.length ?? 0), 64);
    if (waiting.rows.length >= MOST_ROWS || waiting.bytes >= CHUNK_BYTES) await flush();
  });
  await flush();
  for (const table of tables.values()) if (counts.has(table.name)) await continueSequences(sql, table);
  return verified;
}

/** One statement for many rows: each column comes as a list of texts, which PostgreSQL reads back. */
async function insert(
  sql: Sql,
  table: Table,
  header: BackupHeader,
  rows: readonly BackupRow[],
): Promise<void> {
  const names = header.tables.find(({ name }) => name === table.name)?.columns ?? [];
  const typed = names.map((name, i) => {
    const column = table.columns.find((each) => each.name === name);
    if (column === undefined)
      throw new CheckError(`the backup's table ${table.name} has a column ${name} too many`);
    return `u.c${i}::${column.type}`;
  });
  const lists = names.map((_, i) => `$${i + 1}::text[]`).join(", ");
  const aliases = names.map((_, i) => `c${i}`).join(", ");
  await sql.query(
    `INSERT INTO proofx.${quoted(table.name)} (${names.map(quoted).join(", ")}) OVERRIDING SYSTEM VALUE
     SELECT ${typed.join(", ")} FROM unnest(${lists}) AS u (${aliases})`,
    names.map((_, i) => rows.map((row) => row[i] ?? null)),
  );
}

async function continueSequences(sql: Sql, { name, columns }: Table): Promise<void> {
  for (const column of columns.filter(({ identity }) => identity)) {
    await sql.query("SELECT setval(pg_get_serial_sequence($1, $2), $3)", [
      `proofx.${name}`,
      column.name,
      await largest(sql, name, column.name),
    ]);
  }
}

async function largest(sql: Sql, table: string, column: string): Promise<bigint> {
  const [row] = await sql.query<{ most: bigint }>(
    `SELECT coalesce(max(${quoted(column)}), 1)::bigint AS most FROM proofx.${quoted(table)}`,
  );
  return row?.most ?? 1n;
}
