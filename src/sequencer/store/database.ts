import type { SqlList } from "./binary-array.ts";

/** A value as it goes to the database; `bigint` for int8, `Uint8Array` for bytea, text for UUIDs and numerics; lists for array parameters. */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | null
  | SqlList
  | readonly (string | number | bigint | boolean | Uint8Array | null)[];

/** Rows come back with int8 as `bigint`, bytea as `Uint8Array`, uuid and numeric as text, jsonb parsed. */
export interface Sql {
  /** Runs one statement; values stand for `$1`, `$2`, ... and never become part of the text. */
  query<Row = Record<string, unknown>>(text: string, values?: readonly SqlValue[]): Promise<Row[]>;
}

/**
 * Who asks: `owner` migrates, `app` serves the API, `anchor` closes and anchors batches, `keeper` renews and erases what is at
 * rest and makes tenants. What each may do is in migrations/0002-access.sql.
 */
export type StoreRole = "owner" | "app" | "anchor" | "keeper";

/** One role's access. */
export interface Database {
  readonly kind: "postgres" | "pglite";
  readonly role: StoreRole;
  /**
   * Runs `work` in one transaction; what it wrote is durable once the promise resolves (on PGlite: survives the process, not a
   * power cut), and gone when it rejects.
   *
   * @param tenant Whose rows it may see, as UUID; `null` for work that belongs to no tenant: the app then sees no tenant's rows.
   * @throws UnavailableError when the database does not answer; the outcome is then unknown.
   */
  transaction<T>(tenant: string | null, work: (sql: Sql) => Promise<T>): Promise<T>;
}

/** Connections of one role's pool. */
export interface Connections {
  readonly role: StoreRole;
  readonly busy: number;
  readonly idle: number;
  /** Transactions that wait for one. */
  readonly waiting: number;
  readonly most: number;
}

/** A database, opened. */
export interface Store {
  readonly kind: Database["kind"];
  /** Of each role that has worked so far; the embedded database has none. */
  connections?(): Connections[];
  /** Everybody shares what is beneath: connections of a role, or the one PGlite. */
  as(role: StoreRole): Database;
  close(): Promise<void>;
}

/** A statement in `proofx`'s tables failed on a constraint or a rule of ours; `code` is PostgreSQL's SQLSTATE. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}

/** Name of the constraint or unique index that refused, when one did. */
export function violated(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("constraint" in error)) return undefined;
  return typeof error.constraint === "string" ? error.constraint : undefined;
}
