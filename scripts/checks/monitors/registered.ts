import type { Registry } from "prom-client";
import type { RegisteredMetric } from "../../../src/ops/monitors/check.ts";
import * as anchor from "../../../src/services/anchor/metrics.ts";
import { createProverMetrics } from "../../../src/services/prover/metrics.ts";
import * as relayer from "../../../src/services/relayer/metrics.ts";
import { addKeyAges, createSequencerMetrics } from "../../../src/services/sequencer/metrics.ts";
import { addConnections, createDatabaseMetrics } from "../../../src/services/support/database.ts";
import { createMetrics, type Metrics, measureRequests } from "../../../src/services/support/metrics.ts";
import { addWatcherMetrics } from "../../../src/services/watcher/metrics.ts";
import * as witness from "../../../src/services/witness/metrics.ts";

/** Parts that gauges would ask when they are scraped; nothing is scraped here, so that nothing is asked. */
const UNASKED = {} as never;

/** What each service adds of its own, by the very functions that it calls when it starts. */
const OWN: Readonly<Record<string, (metrics: Metrics) => void>> = {
  anchor: (metrics) => {
    anchor.addCounters(metrics);
    anchor.addGauges(metrics, UNASKED);
    createDatabaseMetrics(metrics);
    addConnections(metrics, UNASKED);
  },
  coordinator: () => undefined,
  prover: (metrics) => {
    createProverMetrics(metrics, UNASKED, UNASKED, 1, []);
    createDatabaseMetrics(metrics);
  },
  relayer: (metrics) => {
    relayer.addCounters(metrics);
    relayer.addGauges(metrics, UNASKED);
  },
  sequencer: (metrics) => {
    createSequencerMetrics(metrics, createDatabaseMetrics(metrics), () => 0);
    addKeyAges(metrics, UNASKED);
    addConnections(metrics, UNASKED);
  },
  watcher: (metrics) => void addWatcherMetrics(metrics, () => undefined),
  witness: (metrics) => {
    witness.addCounters(metrics);
    witness.addGauges(metrics, UNASKED);
  },
};

/** Metrics that the services register, each name once. */
export function registeredMetrics(): RegisteredMetric[] {
  const all = Object.entries(OWN).flatMap(([service, addOwn]) => {
    const metrics = createMetrics(service);
    measureRequests({ addHook: () => UNASKED }, metrics, UNASKED);
    addOwn(metrics);
    return described(metrics.registry);
  });
  return [...new Map(all.map((metric) => [metric.name, metric])).values()];
}

/** prom-client says a metric's labels in an undocumented field; without it there would be none to hold matchers against. */
function described(registry: Registry): RegisteredMetric[] {
  return registry.getMetricsAsArray().map((metric) => {
    const { labelNames } = metric as { readonly labelNames?: readonly string[] };
    if (labelNames === undefined) throw new Error(`${metric.name}: prom-client does not say its labels`);
    return { name: metric.name, type: String(metric.type) as RegisteredMetric["type"], labels: labelNames };
  });
}
