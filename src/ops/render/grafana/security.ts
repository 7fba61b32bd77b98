import type { DashboardData } from "./panels.ts";

/** Who tries what, which keys are old, and whether anybody would notice. */
export const SECURITY: DashboardData = {
  uid: "proofx-security",
  title: "ProofX: Security",
  description: "Refused callers, forged events, keys, and the watcher itself.",
  rows: [
    {
      title: "Attempts",
      panels: [
        {
          title: "Denied in an hour",
          description: "Requests without a valid credential, or beyond it; AuthenticationFailing above 10",
          unit: "short",
          kind: "lines",
          targets: [
            {
              expression: 'sum by (service) (increase({__name__=~"proofx_.+_http_denied_total"}[1h]))',
              legend: "{{service}}",
            },
          ],
          limit: 10,
        },
        {
          title: "Why callers are turned away",
          description: "By the audit's causes",
          unit: "short",
          kind: "lines",
          targets: [
            {
              expression: "sum by (cause) (increase(proofx_sequencer_authentication_failures_total[1h])) > 0",
              legend: "{{cause}}",
            },
          ],
        },
        {
          title: "Refused events",
          description: "By the problem's code; SignaturesInvalid above 10 forged ones in an hour",
          unit: "short",
          kind: "lines",
          targets: [
            {
              expression: "sum by (code) (increase(proofx_sequencer_events_refused_total[1h]))",
              legend: "{{code}}",
            },
          ],
          limit: 10,
        },
        {
          title: "Records that do not open",
          description: "At rest, in an hour; DecryptionFailing above 5",
          unit: "short",
          kind: "lines",
          targets: [
            {
              expression: "sum(increase(proofx_sequencer_decryption_failures_total[1h]))",
              legend: "failures",
            },
          ],
          limit: 5,
        },
      ],
    },
    {
      title: "Keys, certificates, governance",
      panels: [
        {
          title: "Age of the log's keys",
          description: "Of the key that signs now; due after 180 days",
          unit: "s",
          kind: "lines",
          targets: [
            {
              expression: "max by (purpose) (proofx_sequencer_service_key_age_seconds)",
              legend: "{{purpose}}",
            },
          ],
          limit: 180 * 86_400,
        },
        {
          title: "Keys due for rotation, certificates about to expire, operations ready",
          description: "States in breach, by probe and subject",
          unit: "short",
          kind: "figure",
          targets: [
            {
              expression:
                'sum by (probe) (proofx_watcher_probe_breached{probe=~"keys-due|certificate-expiry|timelock-ready|guardian-pause-ending|paused"})',
              legend: "{{probe}}",
            },
          ],
          limit: 1,
        },
        {
          title: "Contradictions",
          description: "Nodes that told what the chain does not bear out, in an hour",
          unit: "short",
          kind: "lines",
          targets: [
            {
              expression:
                'sum by (service) (increase({__name__=~"proofx_(anchor|relayer|sequencer)_contradictions_total"}[1h]))',
              legend: "{{service}}",
            },
          ],
          limit: 1,
        },
        {
          title: "Heads signed twice",
          description: "Checkpoints that a log signed beside the cosigned one of the same size",
          unit: "short",
          kind: "lines",
          targets: [
            { expression: "sum by (origin) (proofx_witness_equivocations_total)", legend: "{{origin}}" },
          ],
          limit: 1,
        },
      ],
    },
    {
      title: "The watcher",
      panels: [
        {
          title: "Alerts that are not over",
          description: "By severity: the watcher's, and those of Prometheus",
          unit: "short",
          kind: "figure",
          targets: [
            {
              expression: "max by (severity) (proofx_watcher_alerts_active)",
              legend: "watcher: {{severity}}",
            },
            {
              expression: 'count by (severity) (ALERTS{alertstate="firing",source="prometheus"})',
              legend: "Prometheus: {{severity}}",
            },
          ],
          limit: 1,
        },
        {
          title: "Deliveries",
          description:
            "Alerts that wait for a sink, and those that were given up; AlertsUndelivered from 1 on",
          unit: "short",
          kind: "lines",
          targets: [
            { expression: "max by (sink) (proofx_watcher_sink_queued)", legend: "waiting for {{sink}}" },
            {
              expression: "max by (sink) (proofx_watcher_sink_dead_letters)",
              legend: "given up by {{sink}}",
            },
          ],
          limit: 1,
        },
        {
          title: "States in breach",
          description: "By probe; with no watcher there is nothing here, and WatcherDown speaks",
          unit: "short",
          kind: "lines",
          targets: [
            { expression: "sum by (probe) (proofx_watcher_probe_breached) > 0", legend: "{{probe}}" },
          ],
        },
        {
          title: "Probes that could not look",
          description: "ProbeFailing after 15 minutes",
          unit: "short",
          kind: "lines",
          targets: [{ expression: "sum by (probe) (proofx_watcher_probe_failed) > 0", legend: "{{probe}}" }],
        },
        {
          title: "How far the watcher is",
          description: "Blocks behind the furthest endpoint, and seconds since each source was last followed",
          unit: "short",
          kind: "lines",
          targets: [
            {
              expression: "max by (endpoint) (proofx_watcher_endpoint_lag_blocks)",
              legend: "endpoint {{endpoint}} behind",
            },
            {
              expression: "time() - max by (source) (proofx_watcher_round_time_seconds)",
              legend: "since {{source}}",
            },
          ],
        },
      ],
    },
  ],
};
