import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { PGlite, type Transaction } from "@electric-sql/pglite";
import lockfile from "proper-lockfile";
import { RefusedError, UnavailableError } from "../../core/errors.ts";
import type { Database, SqlValue, Store, StoreRole } from "./database.ts";

const INT8 = 20;

/**
 * The embedded PostgreSQL: a folder, in this process. It survives the killed process, not a power cut, since it does not sync.
 *
 * @param folder Made when it is not there; `null` for one in memory.
 * @throws RefusedError when another process has the folder open: two would destroy it.
 */
export async function openPglite(folder: string | null): Promise<Store> {
  const unlock = folder === null ? async () => {} : await lock(folder);
  try {
    const db = await PGlite.create({
      ...(folder === null ? {} : { dataDir: resolve(folder, "pglite") }),
      parsers: { [INT8]: BigInt },
    });
    await db.exec("SET search_path = proofx, pg_catalog");
    return {
      kind: "pglite",
      as: (role) => databaseOf(db, role),
      async close() {
        if (!db.closed) await db.close();
        await unlock();
      },
    };
  } catch (cause) {
    await unlock();
    if (cause instanceof RefusedError) throw cause;
    throw new UnavailableError(`the embedded database in ${folder} cannot be opened`, { cause });
  }
}

function databaseOf(db: PGlite, role: StoreRole): Database {
  return {
    kind: "pglite",
    role,
    async transaction(tenant, work) {
      return await db.transaction(async (tx) => {
        if (role !== "owner") await tx.exec(`SET LOCAL ROLE proofx_${role}`);
        if (tenant !== null) await tx.query("SELECT set_config('proofx.tenant', $1, true)", [tenant]);
        return await work({ query: (text, values) => rowsOf(tx, text, values) });
      });
    },
  };
}

async function rowsOf<Row>(tx: Transaction, text: string, values: readonly SqlValue[] = []): Promise<Row[]> {
  if (values.length > 0) return (await tx.query<Row>(text, [...values])).rows;
  return ((await tx.exec(text)).at(-1)?.rows ?? []) as Row[];
}

async function lock(folder: string): Promise<() => Promise<void>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    return await lockfile.lock(folder, { stale: 10_000, update: 2_000 });
  } catch (cause) {
    throw new RefusedError(`${folder} is open in another process`, {
      cause,
      next: "stop it, or use PostgreSQL (DATABASE_URL), which several processes can share",
    });
  }
}
