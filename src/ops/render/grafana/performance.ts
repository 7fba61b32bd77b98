import { type DashboardData, quantiles } from "./panels.ts";

const API = 'route=~"/v1/.*",route!~".*/stream"';

/** How fast everything is, and how much room there is. */
export const PERFORMANCE: DashboardData = {
  uid: "proofx-performance",
  title: "ProofX: Performance",
  description: "Requests, proofs, the database and the processors of every service.",
  rows: [
    {
      title: "Interfaces",
      panels: [
        {
          title: "Requests",
          description: "Answered requests of the API, by service",
          unit: "reqps",
          kind: "lines",
          targets: [
            {
              expression:
                'sum by (service) (rate({__name__=~"proofx_.+_http_requests_total",route=~"/v1/.*"}[$__rate_interval]))',
              legend: "{{service}}",
            },
          ],
        },
        {
          title: "Time to answer",
          description: "Of the log's API, without streams that are followed; ApiSlow from 1 s on",
          unit: "s",
          kind: "lines",
          targets: quantiles("proofx_sequencer_http_request_seconds", API),
          limit: 1,
        },
        {
          title: "Errors",
          description: "Share of requests that the service itself failed; ErrorRateHigh from 1 % on",
          unit: "percentunit",
          kind: "lines",
          targets: [
            {
              expression: [
                'sum by (service) (rate({__name__=~"proofx_.+_http_errors_total"}[$__rate_interval]))',
                '/ sum by (service) (rate({__name__=~"proofx_.+_http_requests_total",route=~"/v1/.*"}[$__rate_interval]))',
              ].join("\n"),
              legend: "{{service}}",
            },
          ],
          limit: 0.01,
        },
      ],
    },
    {
      title: "Proofs",
      panels: [
        {
          title: "Time of a proof",
          description: "In a worker; ProofSlow from 3 s on",
          unit: "s",
          kind: "lines",
          targets: quantiles("proofx_prover_proof_seconds"),
          limit: 3,
        },
        {
          title: "Proofs and failures",
          description: "Jobs that ended, by how",
          unit: "ops",
          kind: "lines",
          targets: [
            {
              expression: "sum by (outcome) (rate(proofx_prover_jobs_total[$__rate_interval]))",
              legend: "{{outcome}}",
            },
          ],
        },
        {
          title: "Room in the queue",
          description: "Waiting jobs as a share of those that may wait; ProverQueueFull from 80 % on",
          unit: "percentunit",
          kind: "lines",
          targets: [
            {
              expression: 'max(proofx_prover_queue_jobs{state="queued"}) / max(proofx_prover_queue_limit)',
              legend: "queue",
            },
            {
              expression:
                'sum by (instance) (proofx_prover_workers{state="busy"}) / sum by (instance) (proofx_prover_workers{state="warm"})',
              legend: "workers of {{instance}}",
            },
          ],
          limit: 0.8,
        },
      ],
    },
    {
      title: "The log",
      panels: [
        {
          title: "Events",
          description: "Taken into the log, repeats apart",
          unit: "ops",
          kind: "lines",
          targets: [
            {
              expression: "sum by (repeat) (rate(proofx_sequencer_events_accepted_total[$__rate_interval]))",
              legend: "repeat {{repeat}}",
            },
          ],
        },
        {
          title: "Database",
          description: "Time of a transaction; DatabaseSlow from 500 ms on",
          unit: "s",
          kind: "lines",
          targets: quantiles("proofx_sequencer_database_seconds"),
          limit: 0.5,
        },
        {
          title: "Connections to the database",
          description:
            "Share of those there may be that are busy, by role, and transactions that wait for one",
          unit: "short",
          kind: "lines",
          targets: [
            {
              expression: [
                'sum by (role) (proofx_sequencer_database_connections{state="busy"})',
                '/ sum by (role) (proofx_sequencer_database_connections{state="most"})',
              ].join("\n"),
              legend: "busy, {{role}}",
            },
            {
              expression: 'sum by (role) (proofx_sequencer_database_connections{state="waiting"})',
              legend: "waiting, {{role}}",
            },
          ],
        },
        {
          title: "Until the checkpoint",
          description: "From an event's place to the checkpoint that has it",
          unit: "s",
          kind: "lines",
          targets: quantiles("proofx_sequencer_checkpoint_lag_seconds"),
        },
      ],
    },
    {
      title: "Machines",
      panels: [
        {
          title: "Processors",
          description: "Share of the processors a service may use; CpuHigh from 80 % on",
          unit: "percentunit",
          kind: "lines",
          targets: [
            {
              expression: [
                "sum by (service, instance) (rate(process_cpu_seconds_total[$__rate_interval]))",
                '/ sum by (service, instance) ({__name__=~"proofx_.+_processors"})',
              ].join("\n"),
              legend: "{{service}} {{instance}}",
            },
          ],
          limit: 0.8,
        },
        {
          title: "Memory",
          description: "Resident",
          unit: "bytes",
          kind: "lines",
          targets: [{ expression: "process_resident_memory_bytes", legend: "{{service}} {{instance}}" }],
        },
        {
          title: "Event loop",
          description: "How late Node is, 99 of 100 times",
          unit: "s",
          kind: "lines",
          targets: [{ expression: "nodejs_eventloop_lag_p99_seconds", legend: "{{service}} {{instance}}" }],
        },
      ],
    },
  ],
};
