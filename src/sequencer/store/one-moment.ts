import type { Database } from "./database.ts";

/**
 * Lets `work` read everything as it is at one moment, however long it takes and whatever is written meanwhile. The embedded
 * database is this process's alone, and nothing else writes to it.
 */
export async function atOneMoment<T>(db: Database, work: (frozen: Database) => Promise<T>): Promise<T> {
  if (db.kind === "pglite") return await work(db);
  return await db.transaction(null, async (sql) => {
    await sql.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    return await work({ kind: db.kind, role: db.role, transaction: (_tenant, inner) => inner(sql) });
  });
}
