import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CheckError, ProofXError, UnavailableError } from "../../core/errors.ts";

const SCHEMA_VERSION = 1;
/** Milliseconds to wait for another process's transaction. */
const BUSY_TIMEOUT = 10_000;

const SCHEMA = `
  CREATE TABLE alerts (
    key TEXT PRIMARY KEY, rule TEXT NOT NULL, severity TEXT NOT NULL, phase TEXT NOT NULL, since TEXT NOT NULL,
    body TEXT NOT NULL, changed INTEGER NOT NULL, acknowledged_by TEXT, acknowledged_at INTEGER
  ) STRICT;
  CREATE INDEX alerts_by_phase ON alerts (phase);
  CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX history_by_time ON history (at);
  CREATE TABLE queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, phase TEXT NOT NULL,
    urgency INTEGER NOT NULL, body TEXT NOT NULL, queued INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX queue_by_key ON queue (sink, key, id);
  CREATE INDEX queue_by_turn ON queue (sink, urgency, attempts, id);
  CREATE TABLE told (
    sink TEXT NOT NULL, key TEXT NOT NULL, phase TEXT NOT NULL, PRIMARY KEY (sink, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE deliveries (sink TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
  CREATE TABLE silences (
    id TEXT PRIMARY KEY, rules TEXT NOT NULL, severities TEXT NOT NULL, starts INTEGER NOT NULL, ends INTEGER NOT NULL,
    reason TEXT NOT NULL, by TEXT NOT NULL, created INTEGER NOT NULL, over INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

export type SqlValue = string | number | null;
/** A row as the statement names its columns; the tables are strict, so a column has the type it was given. */
export type Row = Readonly<Record<string, SqlValue>>;

/**
 * SQLite in one file: what is committed survives a killed process and a power cut, and several processes may work in it at
 * once.
 */
export class AlertDatabase {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  #within = false;

  private constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#database = database;
  }

  /** @throws CheckError when the file is damaged or of a newer version; UnavailableError when it cannot be used. */
  static open(folder: string): AlertDatabase {
    const path = databasePath(folder);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT });
      const opened = new AlertDatabase(path, database);
      try {
        // FULL: a commit is on the disk when it returns.
        database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
        opened.transaction(() => opened.#migrate());
      } catch (error) {
        database.close();
        throw error;
      }
      return opened;
    } catch (cause) {
      throw faultOf(path, cause);
    }
  }

  all(sql: string, ...values: SqlValue[]): Row[] {
    return this.#guard(() => this.#prepare(sql).all(...values) as unknown as Row[]);
  }

  first(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.#guard(() => this.#prepare(sql).get(...values) as unknown as Row | undefined);
  }

  /** @returns How many rows it changed. */
  run(sql: string, ...values: SqlValue[]): number {
    return this.#guard(() => Number(this.#prepare(sql).run(...values).changes));
  }

  /** All or nothing, durable once it returns; one within another is part of it. */
  transaction<T>(work: () => T): T {
    if (this.#within) return work();
    return this.#guard(() => {
      this.#database.exec("BEGIN IMMEDIATE");
      this.#within = true;
      try {
        const result = work();
        this.#database.exec("COMMIT");
        return result;
      } catch (error) {
        // A fault of the disk may have rolled it back already.
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      } finally {
        this.#within = false;
      }
    });
  }

  close(): void {
    this.#database.close();
  }

  #migrate(): void {
    const version = Number(this.first("PRAGMA user_version")?.user_version);
    if (version === 0) this.#database.exec(SCHEMA);
    else if (version !== SCHEMA_VERSION)
      throw new CheckError(`${this.#path} is of version ${version}; this ProofX knows ${SCHEMA_VERSION}`, {
        next: "use the ProofX that wrote it, or a newer one",
      });
  }

  #prepare(sql: string) {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw faultOf(this.#path, cause);
    }
  }
}

export const databasePath = (folder: string): string => join(folder, "alerts.db");

const SQLITE_CORRUPT = 11;
const SQLITE_NOT_A_DATABASE = 26;

function faultOf(path: string, cause: unknown): unknown {
  if (cause instanceof ProofXError || !(cause instanceof Error)) return cause;
  const code = "errcode" in cause ? Number(cause.errcode) : undefined;
  const primary = code === undefined ? undefined : code & 0xff;
  if (primary === SQLITE_CORRUPT || primary === SQLITE_NOT_A_DATABASE)
    return new CheckError(`${path} is damaged`, {
      cause,
      next: "restore it from a backup, or move it away: what lasts is told again, what is over is forgotten",
    });
  if (code === undefined && !("code" in cause)) return cause;
  return new UnavailableError(`${path} cannot be used (${cause.message})`, {
    cause,
    next: "see to the disk; what was taken before is kept",
  });
}
