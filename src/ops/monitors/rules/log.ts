import type { Rule } from "../rule.ts";

/** What happens in the log itself, and to those who write into it. */
export const LOG_RULES: readonly Rule[] = [
  {
    id: "AgentKeyRevoked",
    title: "An agent's key was revoked",
    severity: "high",
    source: { kind: "log", eventTypes: ["proofx.key.revoked"] },
    resolves: { by: "hand" },
    asked: "004 Key Revocation: alert triggered to security team",
  },
  {
    id: "EventVolumeUnusual",
    title: "Far more events come in than usual",
    severity: "medium",
    source: {
      kind: "metric",
      expression: [
        'sum(rate(proofx_sequencer_events_accepted_total{repeat="false"}[15m]))',
        '> 5 * sum(rate(proofx_sequencer_events_accepted_total{repeat="false"}[1d] offset 15m))',
        'and sum(increase(proofx_sequencer_events_accepted_total{repeat="false"}[15m])) > 100',
      ].join("\n"),
      for: "5m",
      labels: [],
    },
    resolves: { by: "state" },
    asked: "004 Detection: unusual event volumes",
  },
  {
    id: "SignaturesInvalid",
    title: "Events come in whose signatures do not hold",
    severity: "high",
    source: {
      kind: "metric",
      expression:
        'sum(increase(proofx_sequencer_events_refused_total{code=~"signature-invalid|key-unknown|key-revoked"}[1h])) > 10',
      for: "0s",
      labels: [],
    },
    resolves: { by: "state" },
    asked: "004 Detection: signature verification failures",
  },
  {
    id: "CheckpointsFailing",
    title: "The log cannot publish checkpoints",
    severity: "high",
    source: {
      kind: "metric",
      expression: "sum(increase(proofx_sequencer_checkpoint_failures_total[10m])) > 0",
      for: "5m",
      labels: [],
    },
    resolves: { by: "state" },
    asked: "001 section 2: health of the service",
  },
];
