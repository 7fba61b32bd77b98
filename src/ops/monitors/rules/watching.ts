import type { Rule } from "../rule.ts";

/** Whether anybody would hear of all the others. */
export const WATCHING_RULES: readonly Rule[] = [
  {
    id: "DetectionStalled",
    title: "The watcher cannot follow one of its sources",
    severity: "critical",
    source: { kind: "state", probe: "detection-stalled" },
    resolves: { by: "state" },
    asked: "001 section 2: immediate notification",
  },
  {
    id: "WatcherDown",
    title: "There is no sign of the watcher",
    severity: "critical",
    source: {
      kind: "metric",
      expression:
        "absent_over_time(proofx_watcher_processors[3m]) == 1 or absent_over_time(proofx_watcher_probe_breached[15m]) == 1",
      // Prometheus itself has just begun, and has not read anything yet.
      for: "1m",
      labels: [],
    },
    resolves: { by: "state" },
    asked: "001 section 2: immediate notification",
  },
  {
    id: "ProbeFailing",
    title: "A state cannot be found out",
    severity: "medium",
    source: {
      kind: "metric",
      expression: "max by (probe, subject) (last_over_time(proofx_watcher_probe_failed[15m])) > 0",
      for: "15m",
      labels: ["probe", "subject"],
    },
    resolves: { by: "state" },
    asked: "001 section 2: immediate notification",
  },
  {
    id: "AlertsUndelivered",
    title: "Alerts lie in the dead-letter folder",
    severity: "high",
    source: { kind: "state", probe: "dead-letters" },
    resolves: { by: "state" },
    asked: "001 section 2: immediate notification",
  },
  {
    id: "RpcDisagreement",
    title: "An RPC endpoint lies about the chain or lags behind it",
    severity: "high",
    source: { kind: "state", probe: "rpc-disagree" },
    resolves: { by: "state" },
    asked: "003 High: Service Degradation, verify node connectivity",
  },
  {
    id: "NodeContradicted",
    title: "A node told a service something that the chain does not bear out",
    severity: "high",
    source: {
      kind: "metric",
      expression:
        'sum by (service) (increase({__name__=~"proofx_(anchor|relayer|sequencer)_contradictions_total"}[1h])) > 0',
      for: "0s",
      labels: ["service"],
    },
    resolves: { by: "state" },
    asked: "003 High: Service Degradation, verify node connectivity",
  },
  {
    id: "ServiceDown",
    title: "A service does not answer, or is not ready",
    severity: "critical",
    source: { kind: "state", probe: "service-down" },
    resolves: { by: "state" },
    asked: "000 Alert Configuration: API down for 2m, Critical; Incident Classification P1",
  },
  {
    id: "MetricsMissing",
    title: "Prometheus cannot read a service's metrics",
    severity: "high",
    source: {
      kind: "metric",
      // Read without success, or no longer among those that are read.
      expression: "up == 0\nor group by (job) (last_over_time(up[1d])) unless group by (job) (up)",
      for: "2m",
      labels: ["job", "instance"],
    },
    resolves: { by: "state" },
    asked: "000 Alert Configuration: up == 0 for 2m",
  },
];
