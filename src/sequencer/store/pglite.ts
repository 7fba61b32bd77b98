import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { PGlite, type Transaction } from "@electric-sql/pglite";
import { dataDir as emptyCluster } from "@electric-sql/pglite-prepopulatedfs";
import { takeProcessLock } from "../../chain/process-lock.ts";
import { RefusedError, UnavailableError } from "../../core/errors.ts";
import { SqlList } from "./binary-array.ts";
import type { Database, SqlValue, Store, StoreRole } from "./database.ts";

const INT8 = 20;

/**
 * The embedded PostgreSQL: a folder, in this process. It survives the killed process, not a power cut, since it does not sync.
 *
 * @param folder Made when it is not there; `null` for one in memory.
 * @throws RefusedError when another process has the folder open: two would destroy it.
 */
export async function openPglite(folder: string | null): Promise<Store> {
  const unlock = folder === null ? () => {} : lock(folder);
  try {
    if (folder !== null && !holdsDatabase(folder)) await makeCluster(folder);
    const db = await PGlite.create({
      ...(folder === null ? { loadDataDir: await emptyCluster() } : { dataDir: dataOf(folder) }),
      parsers: { [INT8]: BigInt },
    });
    await db.exec("SET search_path = proofx, pg_catalog");
    return {
      kind: "pglite",
      as: (role) => databaseOf(db, role),
      async close() {
        if (!db.closed) await db.close();
        unlock();
      },
    };
  } catch (cause) {
    unlock();
    throw new UnavailableError(`the embedded database in ${folder} cannot be opened`, { cause });
  }
}

/** Whether an embedded database was made in a folder. */
export function holdsDatabase(folder: string): boolean {
  return existsSync(join(dataOf(folder), "PG_VERSION"));
}

/**
 * Unpacks the empty cluster that PGlite publishes: making one takes seven seconds of a processor. Under another name until it is
 * whole, so that a killed process leaves nothing that looks like a database.
 */
async function makeCluster(folder: string): Promise<void> {
  const making = `${dataOf(folder)}.making`;
  rmSync(making, { recursive: true, force: true });
  const db = await PGlite.create({ dataDir: making, loadDataDir: await emptyCluster() });
  await db.close();
  renameSync(making, dataOf(folder));
}

const dataOf = (folder: string): string => resolve(folder, "pglite");

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
  if (values.length > 0) return (await tx.query<Row>(text, values.map(asSent))).rows;
  return ((await tx.exec(text)).at(-1)?.rows ?? []) as Row[];
}

/** The embedded database takes lists as they are: nothing lies between it and us. */
function asSent(value: SqlValue): unknown {
  return value instanceof SqlList ? [...value.items] : value;
}

function lock(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unlock = takeProcessLock(join(folder, "lock"));
  if (unlock !== undefined) return unlock;
  throw new RefusedError(`${folder} is open in another process`, {
    next: "stop it, or use PostgreSQL (DATABASE_URL), which several processes can share",
  });
}
