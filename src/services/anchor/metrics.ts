import { formatEther } from "ethers";
import { Counter } from "prom-client";
import type { RpcPool } from "../../chain/relay/pool.ts";
import { RpcFault } from "../../chain/relay/rpc.ts";
import { toHex } from "../../core/bytes.ts";
import {
  type AnchorEvents,
  type Anchoring,
  type AnchorStore,
  STATUSES,
  WAIT_CAUSES,
} from "../../sequencer/anchor/index.ts";
import { gaugesOf } from "../support/gauges.ts";
import type { Logger } from "../support/log.ts";
import type { Metrics } from "../support/metrics.ts";
import { soon } from "../support/soon.ts";

export type AnchorCounters = ReturnType<typeof addCounters>;

/** Counters of what happens; endpoints are numbers. */
export function addCounters({ registry, prefix }: Metrics) {
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name: `${prefix}${name}_total`, help, labelNames: [...labelNames], registers: [registry] });
  return {
    closed: counter("batches_closed", "Batches closed"),
    transactions: counter("transactions", "Transactions signed"),
    replacements: counter("replacements", "Transactions replaced by one that pays more"),
    included: counter("batches_included", "Batches that came into a block"),
    anchored: counter("batches_anchored", "Batches anchored for good"),
    reorganisations: counter("reorganisations", "Batches that the chain took back"),
    waits: counter("waits", "Times a stream began to wait, by cause", ["cause"]),
    contradictions: counter("contradictions", "Things a node told that the chain does not bear out"),
    closingFaults: counter("closing_faults", "Looks for due batches that failed"),
    rpcErrors: counter(
      "rpc_errors",
      "Failed RPC calls, by endpoint and kind; endpoint `all` for a disagreement",
      ["endpoint", "kind"],
    ),
  };
}

/** Counts what happens and logs it. */
export function eventsOf(counters: AnchorCounters, log: Logger): AnchorEvents {
  const name = (batch: Parameters<AnchorEvents["anchored"]>[0]) => ({
    tenant: batch.tenant,
    store: batch.store,
    batch: String(batch.batchIndex),
  });
  return {
    signed: (batch, { hash, nonce }, replaces) => {
      counters.transactions.inc();
      if (replaces) counters.replacements.inc();
      log.info({ ...name(batch), transaction: hash, nonce: Number(nonce), replaces }, "signed");
    },
    included: (batch, block) => {
      counters.included.inc();
      log.info({ ...name(batch), block }, "in a block");
    },
    anchored: (batch) => {
      counters.anchored.inc();
      log.info({ ...name(batch), stateRoot: toHex(batch.stateRoot) }, "anchored");
    },
    reorganised: (batch) => {
      counters.reorganisations.inc();
      log.warn(name(batch), "the chain took the batch back; it is sent again");
    },
    waits: (stream, { cause, detail }) => {
      counters.waits.inc({ cause });
      log[LOUD.has(cause) ? "error" : "info"]({ stream, cause }, detail);
    },
    contradicted: () => {
      counters.contradictions.inc();
      log.error("a node told something that the chain does not bear out");
    },
    troubled: (error) => {
      // Faults of nodes are counted by endpoint, and there may be one each second.
      if (error instanceof RpcFault) log.debug({ kind: error.kind }, error.message);
      else log.error({ err: error }, "anchoring met an error and goes on");
    },
  };
}

/** Causes that a person has to do something about. */
const LOUD: ReadonlySet<string> = new Set([
  "refused",
  "reverted",
  "stream-unknown",
  "suspended",
  "wrong-anchorer",
  "chain-ahead",
  "fork",
  "cut",
  "fault",
]);

/** Gauges of how things stand; what the database would tell is absent while it does not answer. */
export function addGauges(
  metrics: Metrics,
  { anchoring, store, pool }: { anchoring: Anchoring; store: AnchorStore; pool: RpcPool },
): void {
  const gauge = gaugesOf(metrics);
  gauge("batches", "Batches by status", ["status"], async (it) => {
    const counts = await soon(store.counts());
    if (counts === undefined) return;
    for (const status of STATUSES)
      it.set({ status }, Number(counts.find((each) => each.status === status)?.count ?? 0n));
  });
  gauge(
    "oldest_pending_seconds",
    "Age of the oldest batch that is in no block; 0 when there is none",
    [],
    async (it) => {
      const counts = await soon(store.counts());
      if (counts === undefined) return;
      const oldest = counts.find(({ status }) => status === "pending")?.oldest;
      it.set(oldest === undefined ? 0 : Math.max(0, Date.now() - Number(oldest)) / 1000);
    },
  );
  gauge("streams_waiting", "Streams whose next batch does not go on, by cause", ["cause"], (it) => {
    const causes = [...anchoring.view().waiting.values()].map(({ cause }) => cause);
    for (const cause of WAIT_CAUSES) it.set({ cause }, causes.filter((each) => each === cause).length);
  });
  gauge("balance_ether", "Balance of the anchorer", [], (it) => {
    const { balance } = anchoring.view();
    if (balance !== undefined) it.set(Number(formatEther(balance)));
  });
  gauge("rpc_up", "Whether an endpoint's last call worked", ["endpoint"], (it) => {
    for (let i = 0; i < pool.size; i++) it.set({ endpoint: String(i) }, pool.faults.has(i) ? 0 : 1);
  });
  gauge("head_time_seconds", "Time of the newest block a quorum has, unix time", [], (it) => {
    const { headTime } = anchoring.view();
    if (headTime !== undefined) it.set(headTime);
  });
}
