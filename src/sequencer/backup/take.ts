import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { Sql, Store } from "../store/index.ts";
import { BACKUP_VERSION } from "./format.ts";
import { KEY_TABLES, quoted, type Table, tablesInOrder } from "./tables.ts";
import { type WrittenFile, writeLines } from "./write-file.ts";

/** Bytes of rows asked for at once, about. */
const CHUNK_BYTES = 4 * 2 ** 20;
const MOST_ROWS = 1000;

export interface TakeOptions {
  /** Encrypts both files to this age recipient. */
  readonly recipient?: string;
  /** Told every few thousand rows. */
  readonly onProgress?: (table: string, rows: number) => void;
  /** For tests; milliseconds. */
  readonly now?: number;
}

/** A backup: the log, and beside it the newest keys that unwrap its payloads. */
export interface TakenBackup {
  readonly log: WrittenFile;
  readonly keys: WrittenFile;
}

/** Where the keys to a folder's backups are. There is one such file, so that a key that is erased is in no backup. */
export const keysFileOf = (backup: string): string => join(dirname(backup), "keys.current.gz");

/**
 * Writes everything that a database holds into a file, as it was at one moment; the log goes on meanwhile.
 *
 * Keys to payloads go into `keysFileOf(path)`, which takes the place of the one before: whoever erases a key renews that file, and
 * no backup can tell the payloads any more. Both files are on disk once this resolves.
 */
export async function takeBackup(
  store: Store,
  path: string,
  options: TakeOptions = {},
): Promise<TakenBackup> {
  return await store.as("owner").transaction(null, async (sql) => {
    await sql.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    await sql.query("SET LOCAL bytea_output = 'hex'");
    const tables = await tablesInOrder(sql);
    const isKey = ({ name }: Table): boolean => KEY_TABLES.includes(name);
    const write = (file: string, content: "log" | "keys", chosen: Table[]): Promise<WrittenFile> =>
      writeLines(file, dump(sql, content, chosen, options), options.recipient);
    // Keys first: a backup without the keys to its payloads would be worth nothing, keys without a backup do no harm.
    const keys = await write(keysFileOf(path), "keys", tables.filter(isKey));
    const log = await write(
      path,
      "log",
      tables.filter((table) => !isKey(table)),
    );
    return { log, keys };
  });
}

/** Renews the file of keys alone: what is done after a key was erased. */
export async function renewKeysFile(
  store: Store,
  folder: string,
  options: TakeOptions = {},
): Promise<WrittenFile> {
  return await store.as("owner").transaction(null, async (sql) => {
    await sql.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    await sql.query("SET LOCAL bytea_output = 'hex'");
    const tables = (await tablesInOrder(sql)).filter(({ name }) => KEY_TABLES.includes(name));
    return await writeLines(
      keysFileOf(join(folder, "any")),
      dump(sql, "keys", tables, options),
      options.recipient,
    );
  });
}

async function* dump(
  sql: Sql,
  content: "log" | "keys",
  tables: readonly Table[],
  { onProgress, now = Date.now() }: TakeOptions,
): AsyncGenerator<string> {
  const hash = createHash("sha256");
  const rows: Record<string, number> = {};
  const line = (value: object): string => {
    const text = JSON.stringify(value);
    hash.update(`${text}\n`);
    return text;
  };
  yield line({
    proofx_backup: BACKUP_VERSION,
    content,
    taken_at: new Date(now).toISOString(),
    migrations: await sql.query("SELECT name, hash FROM proofx.migrations ORDER BY name"),
    tables: tables.map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name) })),
  });
  for (const table of tables) {
    yield line({ table: table.name });
    let count = 0;
    for await (const chunk of chunksOf(sql, table)) {
      for (const row of chunk) yield line(row);
      count += chunk.length;
      onProgress?.(table.name, count);
    }
    rows[table.name] = count;
  }
  yield JSON.stringify({ manifest: { rows, sha256: hash.digest("hex") } });
}

/** A table's rows in the order of its key, every value as PostgreSQL writes it. Asks for fewer at once where they are large. */
async function* chunksOf(sql: Sql, { name, columns, key }: Table): AsyncGenerator<(string | null)[][]> {
  const chosen = columns.map((column, i) => `${quoted(column.name)}::text AS c${i}`).join(", ");
  const order = key.length === 0 ? "" : `ORDER BY ${key.map(quoted).join(", ")}`;
  const cursor = quoted(`backup_${name}`);
  await sql.query(
    `DECLARE ${cursor} NO SCROLL CURSOR FOR SELECT ${chosen} FROM proofx.${quoted(name)} ${order}`,
  );
  for (let ask = 16; ; ) {
    const found = await sql.query<Record<string, string | null>>(`FETCH ${ask} FROM ${cursor}`);
    if (found.length === 0) break;
    const chunk = found.map((row) => columns.map((_, i) => row[`c${i}`] ?? null));
    yield chunk;
    const bytes = chunk.reduce(
      (sum, row) => sum + row.reduce((own, text) => own + (text?.length ?? 0), 64),
      0,
    );
    ask = Math.max(1, Math.min(MOST_ROWS, Math.floor((CHUNK_BYTES * chunk.length) / bytes)));
  }
  await sql.query(`CLOSE ${cursor}`);
}
