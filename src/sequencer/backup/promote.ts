import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { takeProcessLock } from "../../chain/process-lock.ts";
import { InputError, RefusedError } from "../../core/errors.ts";
import { syncFolder } from "../../keys/files.ts";
import type { Store } from "../store/index.ts";
import type { CheckedStream } from "./streams.ts";

/** A folder that took another's place. */
export interface Promoted {
  /** Where the old one is now; undefined when there was none left, as after a promotion that was cut short. */
  readonly old: string | undefined;
}

/**
 * Puts a restored embedded database in the place of the current one, which is kept under another name.
 *
 * The two renames are on disk one after the other. Killed between them, the place is empty and nothing starts by mistake on old
 * data; the same call again finishes it.
 *
 * @throws RefusedError when one of them is open.
 */
export async function promoteFolder(current: string, restored: string, now: number): Promise<Promoted> {
  if (!existsSync(restored))
    throw InputError.expected("restored folder", "a folder that `log restore` made", restored);
  if (dirname(current) !== dirname(restored))
    throw InputError.expected(
      "restored folder",
      `one beside ${current}, so that it can take its place`,
      restored,
    );
  const unlock = [lock(restored)];
  try {
    let old: string | undefined;
    if (existsSync(current)) {
      unlock.push(lock(current));
      old = `${current}.before-${new Date(now).toISOString().replace(/[:.]/g, "-")}`;
      await rename(current, old);
      await syncFolder(dirname(current));
    }
    await rename(restored, current);
    await syncFolder(dirname(current));
    return { old };
  } finally {
    for (const each of unlock) each();
  }
}

/** Streams of a database whose rows were checked when they were restored: what `compareWithChain` needs of them. */
export async function streamsOf(store: Store): Promise<Omit<CheckedStream, "logRoot" | "checkpoint">[]> {
  return await store.as("owner").transaction(null, async (sql) => {
    const streams = await sql.query<{
      tenant_id: string;
      store_id: string;
      stream_id: Uint8Array;
      head: bigint;
    }>("SELECT tenant_id, store_id, stream_id, head FROM proofx.streams ORDER BY tenant_id, store_id");
    const all = [];
    for (const { tenant_id: tenantId, store_id: storeId, stream_id: streamId, head } of streams) {
      const batches = await sql.query<{ start: bigint; end: bigint; root: Uint8Array }>(
        `SELECT start_sequence AS start, end_sequence AS end, state_root AS root FROM proofx.batches
         WHERE tenant_id = $1 AND store_id = $2 ORDER BY batch_index`,
        [tenantId, storeId],
      );
      all.push({
        tenantId,
        storeId,
        streamId,
        head,
        batches: batches.map(({ start, end, root }) => ({ start, end, stateRoot: root })),
      });
    }
    return all;
  });
}

/** As openPglite does: a folder that is open cannot be taken. */
function lock(folder: string): () => void {
  const unlock = takeProcessLock(join(folder, "lock"));
  if (unlock !== undefined) return unlock;
  throw new RefusedError(`${folder} is open in another process`, { next: "stop the sequencer first" });
}
