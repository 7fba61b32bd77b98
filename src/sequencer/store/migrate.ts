import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CheckError } from "../../core/errors.ts";
import type { Database, Sql, Store } from "./database.ts";

/** One step of the schema, forward only: going back is restoring the backup that was taken before it. */
export interface Migration {
  /** `0001-log`. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text, hex. */
  readonly hash: string;
}

export interface MigrateOptions {
  /** Called before each step that is to run on a database with something in it: takes a backup and verifies it. */
  readonly backup: (before: string) => Promise<void>;
  readonly migrations?: readonly Migration[];
  readonly onStep?: (name: string) => void;
}

/** All steps in their order. */
export function allMigrations(): Migration[] {
  const folder = join(import.meta.dirname, "migrations");
  const files = readdirSync(folder).filter((file) => file.endsWith(".sql"));
  return files.sort().map((file) => {
    const sql = readFileSync(join(folder, file), "utf8");
    return { name: file.replace(/\.sql$/, ""), sql, hash: createHash("sha256").update(sql).digest("hex") };
  });
}

/**
 * Brings a database to the newest schema, each step in a transaction of its own. Two processes that start at once wait for each other.
 *
 * @returns Names of the steps that ran.
 * @throws CheckError when the database has a step that is unknown here, or one with another text.
 */
export async function migrate(store: Store, options: MigrateOptions): Promise<string[]> {
  const migrations = options.migrations ?? allMigrations();
  const owner = store.as("owner");
  const done: string[] = [];
  const first = await pending(owner, migrations);
  const isNew = first.length === migrations.length;
  for (const { name } of first) {
    if (!isNew) await options.backup(name);
    options.onStep?.(name);
    const ran = await owner.transaction(null, async (sql) => {
      await sql.query("SELECT pg_advisory_xact_lock(7_166_001)");
      const next = (await missing(sql, migrations))[0];
      if (next === undefined || next.name !== name) return false;
      await sql.query(next.sql);
      await sql.query("INSERT INTO proofx.migrations VALUES ($1, $2, $3)", [
        next.name,
        next.hash,
        BigInt(Date.now()),
      ]);
      return true;
    });
    if (ran) done.push(name);
  }
  return done;
}

/** Steps that this database lacks. @throws CheckError as `migrate`. */
export async function pending(
  owner: Database,
  migrations: readonly Migration[] = allMigrations(),
): Promise<readonly Migration[]> {
  return await owner.transaction(null, async (sql) => {
    await sql.query("SELECT pg_advisory_xact_lock(7_166_001)");
    await sql.query("CREATE SCHEMA IF NOT EXISTS proofx");
    await sql.query(
      "CREATE TABLE IF NOT EXISTS proofx.migrations (name text PRIMARY KEY, hash text NOT NULL, applied_at bigint NOT NULL)",
    );
    return await missing(sql, migrations);
  });
}

async function missing(sql: Sql, migrations: readonly Migration[]): Promise<readonly Migration[]> {
  const rows = await sql.query<{ name: string; hash: string }>(
    "SELECT name, hash FROM proofx.migrations ORDER BY name",
  );
  rows.forEach(({ name, hash }, index) => {
    const expected = migrations[index];
    if (expected?.name === name && expected.hash === hash) return;
    throw new CheckError(
      `schema: expected step ${index + 1} to be ${expected?.name ?? "none"}, got ${name}${expected?.name === name ? " with another text" : ""}`,
      { next: "run the version of ProofX that made this database, or a newer one" },
    );
  });
  return migrations.slice(rows.length);
}
