import { setTimeout as sleep } from "node:timers/promises";
import { contractOf, readDeploymentFile } from "../../chain/deployment.ts";
import type { KeyProvider } from "../../core/ports.ts";
import { Anchoring, type AnchorLimits, AnchorStore, RegistryCalls } from "../../sequencer/anchor/index.ts";
import { Closer, computeInThread } from "../../sequencer/batches/index.ts";
import type { Store } from "../../sequencer/store/index.ts";
import type { Logger } from "../support/log.ts";
import { createMetrics, type Metrics } from "../support/metrics.ts";
import { openPool } from "../support/rpc.ts";
import { openAnchorKey } from "./key.ts";
import { addCounters, addGauges, eventsOf } from "./metrics.ts";
import { obstaclesOf } from "./obstacles.ts";
import type { AnchorSettings } from "./settings.ts";

/** Closing and anchoring under way, whichever process hosts it. */
export interface RunningAnchoring {
  readonly anchoring: Anchoring;
  readonly store: AnchorStore;
  /** Address of the anchorer's key. */
  readonly anchorer: string;
  /** Address of the AnchorRegistry. */
  readonly registry: string;
  readonly chainId: bigint;
  readonly metrics: Metrics;
  /** Why it cannot work right now, one sentence each; nothing when it can. */
  obstacles(): readonly string[];
  /** Ends after the step that is under way, or after `timeout` seconds; what is cut off goes on with the next start. */
  close(timeout: number): Promise<void>;
}

/**
 * Closes batches and anchors them, until it is closed. The embedded database has one process, so the sequencer hosts this there;
 * with PostgreSQL it is a process of its own.
 *
 * @param store As role `anchor` is all it uses.
 * @param metrics Where it counts; metrics of its own without.
 * @throws InputError when too few nodes for a quorum serve the deployment's chain, or the key is missing.
 */
export async function startAnchoring(
  store: Store,
  settings: Omit<AnchorSettings, "http">,
  keys: KeyProvider,
  log: Logger,
  metrics: Metrics = createMetrics("anchor"),
): Promise<RunningAnchoring> {
  const deployment = readDeploymentFile(settings.deployment);
  const chainId = BigInt(deployment.chainId);
  const { address: registry, blockNumber } = contractOf(deployment, "registry");
  const counters = addCounters(metrics);
  const pool = await openPool("anchor", settings, deployment, {
    fault: (endpoint, kind) => counters.rpcErrors.inc({ endpoint: String(endpoint ?? "all"), kind }),
  });
  const key = await openAnchorKey(keys, settings.key);
  await pool.identify();
  const db = store.as("anchor");
  const limits = limitsOf(settings);
  const anchorStore = new AnchorStore(db, chainId, registry, key.address);
  const anchoring = new Anchoring({
    chainId,
    db,
    store: anchorStore,
    limits,
    key,
    pool,
    calls: new RegistryCalls(pool, registry, blockNumber),
    events: eventsOf(counters, log),
    now: Date.now,
    underpriced: new Set(),
  });
  const closer = startClosing(store, settings, {
    closed: (batch) => {
      counters.closed.inc();
      log.info(batch, "closed");
      anchoring.wake();
    },
    troubled: (error) => {
      counters.closingFaults.inc();
      log.error({ err: error }, "a look for due batches failed");
    },
  });
  addGauges(metrics, { anchoring, store: anchorStore, pool });
  anchoring.start();
  log.info({ anchorer: key.address, registry, chainId: String(chainId) }, "anchoring");
  const stopAll = () => Promise.all([anchoring.stop(), closer.stop()]);
  return {
    anchoring,
    store: anchorStore,
    anchorer: key.address,
    registry,
    chainId,
    metrics,
    obstacles: () => obstaclesOf(anchoring.view(), pool, limits.minBalance, closer.fault),
    close: async (timeout) => {
      await Promise.race([stopAll(), sleep(timeout * 1000, undefined, { ref: false })]);
    },
  };
}

/** What closing tells. */
export interface ClosingEvents {
  closed(batch: { store: string; batch: string; start: string; end: string }): void;
  troubled(error: unknown): void;
}

/** Closes batches alone, where there is no chain to anchor on. */
export function startClosing(
  store: Store,
  { batch_size, batch_age, poll }: Pick<AnchorSettings, "batch_size" | "batch_age" | "poll">,
  events: ClosingEvents,
): Closer {
  const closer = new Closer(
    {
      db: store.as("anchor"),
      limits: { size: batch_size, age: batch_age * 1000 },
      compute: computeInThread,
      now: Date.now,
      closed: ({ store: id, batchIndex, startSequence, endSequence }) =>
        events.closed({
          store: id,
          batch: String(batchIndex),
          start: String(startSequence),
          end: String(endSequence),
        }),
    },
    poll * 1000,
    events.troubled,
  );
  closer.start();
  return closer;
}

function limitsOf(settings: Omit<AnchorSettings, "http">): AnchorLimits {
  return {
    maxFeePerGas: settings.max_fee_per_gas,
    minPriorityFeePerGas: settings.min_priority_fee_per_gas,
    gasLimit: BigInt(settings.gas_limit),
    minBalance: settings.min_balance,
    confirmations: settings.confirmations,
    resubmitAfter: settings.resubmit_after * 1000,
    poll: settings.poll * 1000,
    resubmitCut: new Set(settings.resubmit_cut),
  };
}
