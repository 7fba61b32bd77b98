import type { Rule } from "../rule.ts";

/** Of the slowest of 20; whoever follows a stream, or waits for a proof (ProofSlow), has an answer that lasts. */
const ANSWER_TIME = [
  "histogram_quantile(0.95, sum by (le, service) (rate(",
  '{__name__=~"proofx_.+_http_request_seconds_bucket",route=~"/v1/.*",route!~".*/stream|/v1/proofs"}[10m])))',
].join("");

/** How the services do, by their metrics. */
export const SERVICE_RULES: readonly Rule[] = [
  {
    id: "ProofSlow",
    title: "Proofs take more than 3 s",
    severity: "medium",
    source: {
      kind: "metric",
      expression: "histogram_quantile(0.95, sum by (le) (rate(proofx_prover_proof_seconds_bucket[10m]))) > 3",
      for: "5m",
      labels: [],
    },
    resolves: { by: "state" },
    asked: "001 section 2: Proof Gen Time > 3000ms",
  },
  {
    id: "ProofsFailing",
    title: "More than 1 % of the proofs fail",
    severity: "high",
    source: {
      kind: "metric",
      expression: [
        'sum(rate(proofx_prover_jobs_total{outcome!~"proved|cancelled"}[10m]))',
        "/ sum(rate(proofx_prover_jobs_total[10m])) > 0.01",
      ].join("\n"),
      for: "5m",
      labels: [],
    },
    resolves: { by: "state" },
    asked: "001 section 2: Error Rate > 1%",
  },
  {
    id: "ErrorRateHigh",
    title: "A service answers more than 1 % of its requests with an error of its own",
    severity: "high",
    source: {
      kind: "metric",
      expression: [
        'sum by (service) (rate({__name__=~"proofx_.+_http_errors_total"}[10m]))',
        '/ sum by (service) (rate({__name__=~"proofx_.+_http_requests_total",route=~"/v1/.*"}[10m])) > 0.01',
      ].join("\n"),
      for: "5m",
      labels: ["service"],
    },
    resolves: { by: "state" },
    asked: "001 section 2: Error Rate > 1%",
  },
  {
    id: "ApiSlow",
    title: "A service's answers take more than 1 s",
    severity: "medium",
    source: {
      kind: "metric",
      expression: `${ANSWER_TIME} > 1`,
      for: "5m",
      labels: ["service"],
    },
    resolves: { by: "state" },
    asked: "000 Performance Metrics: API Response Time > 1s, Warning",
  },
  {
    id: "ApiVerySlow",
    title: "A service's answers take more than 3 s",
    severity: "critical",
    source: {
      kind: "metric",
      expression: `${ANSWER_TIME} > 3`,
      for: "5m",
      labels: ["service"],
    },
    resolves: { by: "state" },
    asked: "000 Performance Metrics: API Response Time > 3s, Critical",
  },
  {
    id: "DatabaseSlow",
    title: "A database takes more than 500 ms",
    severity: "medium",
    source: {
      kind: "metric",
      expression:
        'histogram_quantile(0.95, sum by (le, service) (rate({__name__=~"proofx_.+_database_seconds_bucket"}[10m]))) > 0.5',
      for: "5m",
      labels: ["service"],
    },
    resolves: { by: "state" },
    asked: "000 Performance Metrics: Database Query Time > 500ms, Warning",
  },
  {
    id: "DatabaseFailing",
    title: "A database refuses work or does not answer",
    severity: "critical",
    source: {
      kind: "metric",
      expression: 'sum by (service) (increase({__name__=~"proofx_.+_database_errors_total"}[5m])) > 0',
      for: "1m",
      labels: ["service"],
    },
    resolves: { by: "state" },
    asked: "004 Detection: database connection anomalies",
  },
  {
    id: "AuthenticationFailing",
    title: "More than 10 requests in an hour had no valid credential or not the right one",
    severity: "critical",
    source: {
      kind: "metric",
      expression: 'sum by (service) (increase({__name__=~"proofx_.+_http_denied_total"}[1h])) > 10',
      for: "0s",
      labels: ["service"],
    },
    resolves: { by: "state" },
    asked: "000 Security Metrics: Unauthorized Access Attempts > 10/hour, Critical; 004 Detection",
  },
  {
    id: "DecryptionFailing",
    title: "More than 5 decryptions failed in an hour",
    severity: "medium",
    source: {
      kind: "metric",
      expression: "sum(increase(proofx_sequencer_decryption_failures_total[1h])) > 5",
      for: "0s",
      labels: [],
    },
    resolves: { by: "state" },
    asked: "000 Security Metrics: Failed Decryption Attempts > 5/hour, Warning",
  },
  {
    id: "DecryptionFailingOften",
    title: "More than 20 decryptions failed in an hour",
    severity: "critical",
    source: {
      kind: "metric",
      expression: "sum(increase(proofx_sequencer_decryption_failures_total[1h])) > 20",
      for: "0s",
      labels: [],
    },
    resolves: { by: "state" },
    asked: "000 Security Metrics: Failed Decryption Attempts > 20/hour, Critical",
  },
  {
    id: "ProverQueueFull",
    title: "The prover's queue is nearly full",
    severity: "high",
    source: {
      kind: "metric",
      expression: [
        'max(last_over_time(proofx_prover_queue_jobs{state="queued"}[15m]))',
        "/ max(last_over_time(proofx_prover_queue_limit[15m])) > 0.8",
      ].join("\n"),
      for: "2m",
      labels: [],
    },
    resolves: { by: "state" },
    asked: "001 section 2: CPU, scale out workers",
  },
  {
    id: "RelayerSpendingLimit",
    title: "Submissions wait because the relayer's spending limit is reached",
    severity: "medium",
    source: {
      kind: "metric",
      expression: 'max(last_over_time(proofx_relayer_waiting{cause="spending-limit"}[15m])) > 0',
      for: "5m",
      labels: [],
    },
    resolves: { by: "state" },
    asked: "001 section 2: health of the service",
  },
  {
    id: "RelayerNonceTaken",
    title: "Somebody else sends with the relayer's key",
    severity: "critical",
    source: {
      kind: "metric",
      expression: "sum(increase(proofx_relayer_nonces_taken_total[1h])) > 0",
      for: "0s",
      labels: [],
    },
    resolves: { by: "hand" },
    asked: "001 section 3, Scenario A: unrecognized transactions",
  },
];
