import { setTimeout as sleep } from "node:timers/promises";
import { announceServiceKeys } from "../../sequencer/identity/index.ts";
import type { Store } from "../../sequencer/store/index.ts";
import { type PublishedCheckpoint, type StreamKey, startPublishing } from "../../sequencer/tree/index.ts";
import type { Logger } from "../support/log.ts";
import { recordActsUntil } from "./acts.ts";
import { Cosigning } from "./cosigning.ts";
import type { RouteParts } from "./parts.ts";
import type { SequencerSettings } from "./settings.ts";

/** What goes on without requests. */
export interface Background {
  /** Why it does not go well, in words. */
  obstacles(): string[];
  stop(): Promise<void>;
}

type Parts = RouteParts & { readonly store: Store; readonly logger: Logger };

/** Milliseconds between two looks for keys whose overlap is over. */
const SWEEP = 60_000;

/** Publishes checkpoints, has them cosigned, and puts on record administrative acts and keys whose time is over. */
export function startBackground(settings: SequencerSettings, parts: Parts): Background {
  const { database, checkpointer, metrics, logger } = parts;
  const cosigning = new Cosigning({
    database,
    reader: parts.log,
    witnesses: settings.witnesses,
    metrics,
    log: logger,
  });
  const failing = new Set<string>();
  checkpointer.onPublished((stream, checkpoint) => {
    cosigning.ask(stream, checkpoint);
    lagOf(parts, stream, checkpoint).then(metrics.published, () => undefined);
  });
  const stopPublishing = startPublishing(database, checkpointer, {
    interval: settings.checkpoint_interval,
    looked: (waiting) => {
      metrics.waitingStreams(waiting);
      failing.delete("");
    },
    published: ({ store }) => failing.delete(store),
    failed: (error, stream) => {
      failing.add(stream?.store ?? "");
      metrics.publishingFailed();
      logger.error({ err: error, store: stream?.store }, "no checkpoint");
    },
  });
  const stop = new AbortController();
  const resuming = resume(parts, cosigning).catch((error: unknown) => {
    logger.warn(
      { err: error },
      "checkpoints that lack cosignatures are not asked about until a newer one is published",
    );
  });
  const chores = [sweep(parts, stop.signal), recordActsUntil(stop.signal, parts), resuming];
  return {
    obstacles: () => [
      ...(failing.size === 0 ? [] : [`no checkpoint can be published for ${failing.size} streams`]),
      ...cosigning.obstacles(),
    ],
    async stop() {
      stop.abort();
      await stopPublishing();
      await cosigning.stop();
      await Promise.all(chores);
    },
  };
}

/** Which streams there are is seen by whoever may work as the keeper. */
async function resume({ store }: Parts, cosigning: Cosigning): Promise<void> {
  const streams = await store
    .as("keeper")
    .transaction(null, (sql) =>
      sql.query<StreamKey>(
        "SELECT tenant_id AS tenant, store_id AS store FROM proofx.streams ORDER BY tenant_id, store_id",
      ),
    );
  await cosigning.resume(streams);
}

/** Seconds since the newest event in the checkpoint was sequenced. */
async function lagOf(
  { database }: Pick<Parts, "database">,
  { tenant, store }: StreamKey,
  { size, createdAt }: PublishedCheckpoint,
): Promise<number> {
  const [row] = await database.transaction(tenant, (sql) =>
    sql.query<{ sequenced_at: bigint }>(
      "SELECT sequenced_at FROM proofx.events WHERE tenant_id = $1 AND store_id = $2 AND sequence = $3",
      [tenant, store, size],
    ),
  );
  return Math.max(0, Number(createdAt - (row?.sequenced_at ?? createdAt)) / 1000);
}

/** What a login of the API's role alone cannot do is left to whoever may work as the keeper: it is tried, and said once. */
async function sweep({ store, ingest, agents, logger }: Parts, signal: AbortSignal): Promise<void> {
  const keeper = store.as("keeper");
  let said = false;
  const failed = (error: unknown): void => {
    if (!said)
      logger.warn(
        { err: error },
        "keys whose overlap is over are not put on record; they are refused anyway",
      );
    said = true;
  };
  await announceServiceKeys({ store, ingest }).catch(failed);
  while (!signal.aborted) {
    await agents.sweep(keeper).then(() => {
      said = false;
    }, failed);
    await sleep(SWEEP, undefined, { signal }).catch(() => undefined);
  }
}
