import { formatEther } from "ethers";
import { Counter, Histogram } from "prom-client";
import type { Outbox } from "../../chain/relay/outbox.ts";
import type { RpcPool } from "../../chain/relay/pool.ts";
import { isInFlight, STATES, WAIT_CAUSES } from "../../chain/relay/record.ts";
import type { Relay } from "../../chain/relay/relay.ts";
import { gaugesOf } from "../support/gauges.ts";
import type { Metrics } from "../support/metrics.ts";

/** What gauges are read from when somebody asks. */
export interface Watched {
  readonly outbox: Outbox;
  readonly relay: Relay;
  readonly pool: RpcPool;
  /** Wei. */
  readonly spendingLimit: bigint;
  /** Of one transaction. */
  readonly gasLimit: bigint;
}

export type RelayerCounters = ReturnType<typeof addCounters>;

/** Counters of what happens. Money is in ether, endpoints are numbers. */
export function addCounters({ registry, prefix }: Metrics) {
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name: `${prefix}${name}_total`, help, labelNames: [...labelNames], registers: [registry] });
  return {
    gas: new Histogram({
      name: `${prefix}attest_gas`,
      help: "Gas that an attestation's transaction used, once it has landed for good",
      buckets: [300_000, 350_000, 400_000, 450_000, 500_000, 600_000, 700_000, 800_000, 1_000_000],
      registers: [registry],
    }),
    ended: counter("submissions_ended", "Submissions that ended, by state and cause", ["state", "cause"]),
    waits: counter("waits", "Times a submission began to wait, by cause", ["cause"]),
    replacements: counter("replacements", "Transactions replaced by one that pays more"),
    reorganisations: counter("reorganisations", "Landed transactions that a reorganisation took back"),
    noncesTaken: counter("nonces_taken", "Account nonces used by a transaction that is not the relayer's"),
    contradictions: counter("contradictions", "Things a node told that the chain does not bear out"),
    rpcErrors: counter(
      "rpc_errors",
      "Failed RPC calls, by endpoint and kind; endpoint `all` for a disagreement",
      ["endpoint", "kind"],
    ),
  };
}

/** Gauges of how things stand. */
export function addGauges(metrics: Metrics, watched: Watched): void {
  const gauge = gaugesOf(metrics);
  const { outbox, relay, pool } = watched;
  gauge("submissions", "Submissions by state", ["state"], (it) => {
    for (const state of STATES) it.set({ state }, outbox.all().filter((each) => each.state === state).length);
  });
  gauge("waiting", "Submissions that wait, by cause", ["cause"], (it) => {
    const causes = outbox.unfinished().map(({ id }) => relay.waiting(id)?.cause);
    for (const cause of WAIT_CAUSES) it.set({ cause }, causes.filter((each) => each === cause).length);
  });
  gauge("in_flight", "Submissions that hold an account nonce", [], (it) =>
    it.set(outbox.unfinished().filter(isInFlight).length),
  );
  gauge("balance_ether", "The sender's balance; absent until a node told", [], (it) => {
    const { balance } = relay.view();
    if (balance !== undefined) it.set(Number(formatEther(balance)));
  });
  gauge("spent_ether", "Paid for gas within the window", [], (it) =>
    it.set(Number(formatEther(relay.view().spending.paid))),
  );
  gauge("committed_ether", "What transactions under way cost at most", [], (it) =>
    it.set(Number(formatEther(relay.view().spending.atMost))),
  );
  gauge("spending_limit_ether", "Most that may be spent within the window", [], (it) =>
    it.set(Number(formatEther(watched.spendingLimit))),
  );
  gauge("gas_limit", "Gas limit of one transaction", [], (it) => it.set(Number(watched.gasLimit)));
  gauge("rpc_up", "Whether an endpoint's last call worked", ["endpoint"], (it) => {
    for (let i = 0; i < pool.size; i++) it.set({ endpoint: String(i) }, pool.faults.has(i) ? 0 : 1);
  });
  gauge("head_lag_blocks", "Blocks an endpoint is behind the furthest one", ["endpoint"], (it) => {
    const each = relay.view().heads?.each ?? [];
    const furthest = Math.max(...each.map((head) => head ?? 0));
    for (const [i, head] of each.entries())
      if (head !== undefined) it.set({ endpoint: String(i) }, furthest - head);
  });
  gauge("head_time_seconds", "Time of the newest block a quorum has, unix time", [], (it) => {
    const { headTime } = relay.view();
    if (headTime !== undefined) it.set(headTime);
  });
}
