import { type DashboardData, quantiles } from "./panels.ts";

/** What comes onto the chain, from the log through anchoring to attestations, and the ledger beside it. */
export const PROTOCOL: DashboardData = {
  uid: "proofx-protocol",
  title: "ProofX: Protocol",
  description: "Batches, anchors, attestations, checkpoints and witnesses, nodes, Aleo.",
  rows: [
    {
      title: "Anchoring",
      panels: [
        {
          title: "Batches by status",
          description: "Of all streams",
          unit: "short",
          kind: "lines",
          targets: [
            {
              expression: 'sum by (status) ({__name__=~"proofx_(anchor|sequencer)_batches"})',
              legend: "{{status}}",
            },
          ],
        },
        {
          title: "Oldest batch in no block",
          description: "Age; AnchorLate says which stream",
          unit: "s",
          kind: "lines",
          targets: [
            {
              expression: 'max({__name__=~"proofx_(anchor|sequencer)_oldest_pending_seconds"})',
              legend: "oldest",
            },
          ],
        },
        {
          title: "Streams that wait",
          description: "By cause; AnchorBlocked for those that a person has to end",
          unit: "short",
          kind: "lines",
          targets: [
            {
              expression: 'sum by (cause) ({__name__=~"proofx_(anchor|sequencer)_streams_waiting"}) > 0',
              legend: "{{cause}}",
            },
          ],
        },
      ],
    },
    {
      title: "Attesting",
      panels: [
        {
          title: "Submissions by state",
          description: "In the relayer's outbox",
          unit: "short",
          kind: "lines",
          targets: [
            { expression: "sum by (state) (proofx_relayer_submissions)", legend: "{{state}}" },
            {
              expression: "sum by (cause) (proofx_relayer_waiting) > 0",
              legend: "waits for {{cause}}",
            },
          ],
        },
        {
          title: "Gas of an attestation",
          description:
            "What its transaction used, beside the limit; AttestGasSpike at 1.3 times the day's mean",
          unit: "short",
          kind: "lines",
          targets: [
            ...quantiles("proofx_relayer_attest_gas").slice(0, 2),
            { expression: "max(proofx_relayer_gas_limit)", legend: "limit" },
          ],
        },
        {
          title: "Money",
          description: "Of the accounts that pay, and what was spent of what may be, in ether",
          unit: "short",
          kind: "lines",
          targets: [
            { expression: "min(proofx_relayer_balance_ether)", legend: "relayer" },
            {
              expression: 'min({__name__=~"proofx_(anchor|sequencer)_balance_ether"})',
              legend: "anchorer",
            },
            {
              expression: "max(proofx_relayer_spent_ether) / max(proofx_relayer_spending_limit_ether)",
              legend: "share of the spending limit",
            },
          ],
        },
      ],
    },
    {
      title: "Heads",
      panels: [
        {
          title: "Heads that witnesses cosigned",
          description: "Size of the last one, by log",
          unit: "short",
          kind: "lines",
          targets: [{ expression: "max by (origin) (proofx_witness_log_size)", legend: "{{origin}}" }],
        },
        {
          title: "Answers of witnesses",
          description: "To the log's requests",
          unit: "ops",
          kind: "lines",
          targets: [
            {
              expression: "sum by (outcome) (rate(proofx_sequencer_witness_answers_total[$__rate_interval]))",
              legend: "{{outcome}}",
            },
          ],
        },
        {
          title: "Nodes",
          description: "Endpoints whose last call failed, and blocks behind the furthest",
          unit: "short",
          kind: "lines",
          targets: [
            {
              expression:
                'sum by (service) ({__name__=~"proofx_(anchor|relayer|sequencer)_rpc_up"} == bool 0)',
              legend: "down for {{service}}",
            },
            {
              expression: "max by (endpoint) (proofx_relayer_head_lag_blocks)",
              legend: "endpoint {{endpoint}} behind",
            },
          ],
        },
      ],
    },
    {
      title: "States",
      panels: [
        {
          title: "Paused",
          description: "1 while attesting is paused",
          unit: "short",
          kind: "figure",
          targets: [
            { expression: 'max(proofx_watcher_probe_breached{probe="paused"})', legend: "contracts" },
            {
              expression: 'max by (subject) (proofx_watcher_probe_breached{probe="aleo-paused"})',
              legend: "{{subject}}",
            },
          ],
          limit: 1,
        },
        {
          title: "Aleo: failures and times",
          description: "Share of rejected transactions, and what calls and confirmations take",
          unit: "short",
          kind: "lines",
          targets: [
            {
              expression:
                'max by (probe, subject) (proofx_watcher_probe_value{probe=~"aleo-failure-rate|aleo-response-time|aleo-confirmation-time"})',
              legend: "{{probe}} {{subject}}",
            },
          ],
        },
        {
          title: "Subgraph",
          description: "Blocks behind the chain",
          unit: "short",
          kind: "lines",
          targets: [
            {
              expression: 'max by (subject) (proofx_watcher_probe_value{probe="subgraph-lag"})',
              legend: "{{subject}}",
            },
          ],
        },
      ],
    },
  ],
};
