import type { PrometheusAlert } from "./alerts.ts";

/**
 * Always speaks, and nobody is called: its receiver is a service elsewhere that calls when it falls silent, because Prometheus,
 * Alertmanager or the way out of here is gone. No rule, since no state is wrong.
 */
export const HEARTBEAT: PrometheusAlert = {
  alert: "Heartbeat",
  expr: "vector(1)",
  for: "0s",
  labels: { severity: "none", source: "prometheus" },
  annotations: { summary: "Prometheus and Alertmanager work" },
};

/** It speaks before anything was read, too. */
export const HEARTBEAT_TEST = {
  name: "Heartbeat always speaks",
  interval: "1m",
  input_series: [],
  alert_rule_test: [
    {
      eval_time: "0m",
      alertname: HEARTBEAT.alert,
      exp_alerts: [{ exp_labels: HEARTBEAT.labels, exp_annotations: HEARTBEAT.annotations }],
    },
  ],
};
