import { RefusedError } from "../../core/errors.ts";
import { type Database, sqlState } from "./database.ts";
import { allMigrations } from "./migrate.ts";

/** SQLSTATE of tables, schemas and roles that are not there, and of a table that an older step did not yet open to this role. */
const NOT_YET = new Set(["42P01", "3F000", "22023", "42501"]);

/**
 * Whether the database has exactly the schema of this version; for services, which lack the rights to make it so.
 *
 * @param database Of any role.
 * @throws RefusedError when it has not.
 */
export async function requireNewestSchema(database: Database): Promise<void> {
  const steps = await readSteps(database);
  const missing = allMigrations().filter(({ name, hash }) => steps.get(name) !== hash);
  const known = allMigrations().length;
  if (missing.length === 0 && steps.size === known) return;
  const what =
    missing.length === 0
      ? "is newer than this version"
      : `lacks ${missing.map(({ name }) => name).join(", ")}`;
  throw new RefusedError(`the database's schema ${what}`, {
    next: "npx proofx log migrate --config FILE (for a new log: npx proofx log init --config FILE)",
  });
}

async function readSteps(database: Database): Promise<Map<string, string>> {
  try {
    const rows = await database.transaction(null, (sql) =>
      sql.query<{ name: string; hash: string }>("SELECT name, hash FROM proofx.migrations"),
    );
    return new Map(rows.map(({ name, hash }) => [name, hash]));
  } catch (error) {
    // A connection that cannot take on its role is no connection: the cause says why.
    const state = sqlState(error) ?? sqlState(error instanceof Error ? error.cause : undefined);
    if (state !== undefined && NOT_YET.has(state)) return new Map();
    throw error;
  }
}
