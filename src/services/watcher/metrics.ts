import { Counter, type Gauge, Histogram } from "prom-client";
import type { AlertFigures, AlertPhase } from "../../ops/alerts/index.ts";
import { SEVERITIES } from "../../ops/monitors/rule.ts";
import type { LookResult } from "../../ops/watcher/state-watch.ts";
import { gaugesOf } from "../support/gauges.ts";
import type { Metrics } from "../support/metrics.ts";

/** How the watcher stands, asked for when its metrics are read. */
export interface WatcherView {
  /** Numbers of the newest block and the newest final one. */
  readonly block: number | undefined;
  readonly finalBlock: number | undefined;
  readonly sources: readonly { readonly source: string; readonly at: number; readonly stalled: boolean }[];
  /** When each source's checkpoint was written, ms since 1970. */
  readonly checkpoints: ReadonlyMap<string, number | undefined>;
  /** Blocks behind, by endpoint. */
  readonly lags: readonly (number | undefined)[];
  /** Lies so far, by endpoint. */
  readonly lies: readonly number[];
  readonly probes: ReadonlyMap<string, LookResult>;
  readonly alerts: AlertFigures;
  /** Ids of rules about states, and whether a maintenance window keeps them quiet now. */
  readonly silenced: ReadonlyMap<string, boolean>;
}

const PHASES: readonly AlertPhase[] = ["unconfirmed", "open", "retracted", "resolved"];

export type WatcherCounters = ReturnType<typeof addWatcherMetrics>;

/**
 * All metrics of the watcher.
 *
 * @param view Asked when they are read; undefined while it starts.
 */
export function addWatcherMetrics(metrics: Metrics, view: () => WatcherView | undefined) {
  const add = gaugesOfView(metrics, view);
  addChainGauges(add);
  addStateGauges(add);
  addAlertGauges(add);
  const { registry, prefix } = metrics;
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name: `${prefix}${name}_total`, help, labelNames: [...labelNames], registers: [registry] });
  const counters = {
    chainEvents: counter("chain_events", "Events of the followed contracts", ["contract", "event"]),
    logEvents: counter("log_events", "Events of logs that were followed, in rounds or as they came", [
      "store",
      "way",
    ]),
    blocks: counter("blocks_followed", "Blocks that were followed"),
    reorganisations: counter("reorganisations", "Times the chain took blocks back", ["final"]),
    raised: counter("alerts", "Alerts by phase, repetitions included", ["phase"]),
    rpcErrors: counter(
      "rpc_errors",
      "Failed RPC calls, by endpoint and kind; endpoint `all` for a disagreement",
      ["endpoint", "kind"],
    ),
    faults: counter("faults", "Rounds that failed, by source", ["source"]),
    deliveries: counter("deliveries", "Tries to deliver an alert, by sink and outcome", ["sink", "outcome"]),
    deliverySeconds: new Histogram({
      name: `${prefix}delivery_seconds`,
      help: "From queueing an alert to the sink's taking it",
      labelNames: ["sink"] as const,
      buckets: [0.1, 0.5, 1, 5, 30, 60, 300, 3_600],
      registers: [registry],
    }),
  };
  for (const final of ["false", "true"]) counters.reorganisations.inc({ final }, 0);
  for (const phase of PHASES) counters.raised.inc({ phase }, 0);
  return counters;
}

/** Adds a gauge that is read off the view. */
type AddGauge = ReturnType<typeof gaugesOfView>;

function gaugesOfView(metrics: Metrics, view: () => WatcherView | undefined) {
  const gauge = gaugesOf(metrics);
  return <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    set: (gauge: Gauge<L>, view: WatcherView) => void,
  ): void =>
    gauge(name, help, labelNames, (it) => {
      const now = view();
      if (now !== undefined) set(it, now);
    });
}

function addChainGauges(add: AddGauge): void {
  add("block", "Number of the newest block that a quorum has", [], (it, { block }) => {
    if (block !== undefined) it.set(block);
  });
  add("final_block", "Number of the newest block that is final", [], (it, { finalBlock }) => {
    if (finalBlock !== undefined) it.set(finalBlock);
  });
  add(
    "endpoint_lag_blocks",
    "Blocks that an endpoint is behind; -1 without an answer",
    ["endpoint"],
    (it, { lags }) => {
      for (const [endpoint, lag] of lags.entries()) it.set({ endpoint: String(endpoint) }, lag ?? -1);
    },
  );
  add("endpoint_lies", "Answers about final blocks that the others deny", ["endpoint"], (it, { lies }) => {
    for (const [endpoint, count] of lies.entries()) it.set({ endpoint: String(endpoint) }, count);
  });
}

function addStateGauges(add: AddGauge): void {
  add("round_time_seconds", "When a source was last followed, unix time", ["source"], (it, { sources }) => {
    for (const { source, at } of sources) it.set({ source }, at / 1000);
  });
  add("stalled", "Whether a source is not followed", ["source"], (it, { sources }) => {
    for (const { source, stalled } of sources) it.set({ source }, stalled ? 1 : 0);
  });
  add(
    "checkpoint_time_seconds",
    "When a source's checkpoint was written, unix time",
    ["source"],
    (it, now) => {
      for (const [source, at] of now.checkpoints) if (at !== undefined) it.set({ source }, at / 1000);
    },
  );
  const labels = ["probe", "subject"] as const;
  add("probe_value", "What a probe found last", labels, (it, { probes }) => {
    for (const [probe, { findings }] of probes)
      for (const { subject, value } of findings) if (value !== undefined) it.set({ probe, subject }, value);
  });
  add("probe_breached", "Whether it is beyond its limit", labels, (it, { probes }) => {
    for (const [probe, { findings }] of probes)
      for (const { subject, breached } of findings)
        if (breached !== undefined) it.set({ probe, subject }, breached ? 1 : 0);
  });
  add("probe_failed", "Whether it could not be found out", labels, (it, { probes }) => {
    for (const [probe, { findings, failed }] of probes) {
      if (failed) it.set({ probe, subject: "" }, 1);
      else
        for (const { subject, breached } of findings)
          it.set({ probe, subject }, breached === undefined ? 1 : 0);
    }
  });
}

function addAlertGauges(add: AddGauge): void {
  add("alerts_active", "Alerts that are not over", ["severity"], (it, { alerts }) => {
    for (const severity of SEVERITIES) it.set({ severity }, alerts.active[severity]);
  });
  add(
    "silenced",
    "Whether a maintenance window covers a rule about a state",
    ["rule"],
    (it, { silenced }) => {
      for (const [rule, quiet] of silenced) it.set({ rule }, quiet ? 1 : 0);
    },
  );
  add("sink_queued", "Deliveries that wait", ["sink"], (it, { alerts }) => {
    for (const [sink, { queued }] of Object.entries(alerts.sinks)) it.set({ sink }, queued);
  });
  add("sink_oldest_seconds", "Age of the oldest delivery that waits", ["sink"], (it, { alerts }) => {
    for (const [sink, { oldest }] of Object.entries(alerts.sinks)) it.set({ sink }, oldest);
  });
  add("sink_dead_letters", "Alerts that were given up", ["sink"], (it, { alerts }) => {
    for (const [sink, { deadLetters }] of Object.entries(alerts.sinks)) it.set({ sink }, deadLetters);
  });
}
