import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "../store/index.ts";
import type { PublishedCheckpoint } from "./checkpoint-rows.ts";
import type { Checkpointer } from "./checkpointer.ts";
import type { StreamKey } from "./tile-rows.ts";

export interface PublishingOptions {
  /** Milliseconds between two looks at which streams moved. */
  readonly interval: number;
  /** A stream that waited has its checkpoint. */
  readonly published?: (stream: StreamKey, checkpoint: PublishedCheckpoint) => void;
  /** Publishing failed, for one stream or, without one, for all; it is tried again. */
  readonly failed: (error: unknown, stream?: StreamKey) => void;
  /** How many streams waited for a checkpoint at a look. */
  readonly looked?: (waiting: number) => void;
}

/** Publishes the heads of all tenants' streams from now on. @returns What ends it, after the stream it is at. */
export function startPublishing(
  database: Database,
  checkpointer: Checkpointer,
  options: PublishingOptions,
): () => Promise<void> {
  const stop = new AbortController();
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await publishAll(database, checkpointer, options, stop.signal).catch((error: unknown) =>
        options.failed(error),
      );
      await sleep(options.interval, undefined, { signal: stop.signal }).catch(() => {});
    }
  };
  const running = run();
  return async () => {
    stop.abort();
    await running;
  };
}

async function publishAll(
  database: Database,
  checkpointer: Checkpointer,
  { published, failed, looked }: PublishingOptions,
  signal: AbortSignal,
): Promise<void> {
  const rows = await database.transaction(null, (sql) =>
    sql.query<{ tenant_id: string; store_id: string }>(
      "SELECT tenant_id, store_id FROM proofx.stale_streams()",
    ),
  );
  looked?.(rows.length);
  for (const { tenant_id: tenant, store_id: store } of rows) {
    if (signal.aborted) return;
    const stream = { tenant, store };
    try {
      const checkpoint = await checkpointer.publish(stream);
      if (checkpoint !== undefined) published?.(stream, checkpoint);
    } catch (error) {
      failed(error, stream);
    }
  }
}
