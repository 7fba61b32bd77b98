import { type AlertCase, allWithin, rise, seriesOf, slowTenth } from "../case.ts";

const EVENTS = 'method="POST",route="/v1/stores/:store/events"';
const TAIL = 'method="GET",route="/v1/stores/:store/events/stream"';
const PROOFS = 'method="POST",route="/v1/proofs"';
const SUBMISSIONS = 'method="POST",route="/v1/submissions"';
const SCRAPES = 'method="GET",route="/metrics",status="200"';

/** Cases of the services' own figures. */
export const SERVICE_CASES: readonly AlertCase[] = [
  {
    rule: "ProofSlow",
    at: "30m",
    breach: slowTenth("prover", "proof_seconds", "3", "5", 'circuit_version="1"'),
    quiet: allWithin("prover", "proof_seconds", "3", "5", 'circuit_version="1"'),
    value: "4",
  },
  {
    rule: "ProofsFailing",
    at: "30m",
    breach: [
      [seriesOf("prover", "jobs_total", 'outcome="proved"'), "0+98x60"],
      [seriesOf("prover", "jobs_total", 'outcome="job-timeout"'), "0+2x60"],
    ],
    quiet: [
      [seriesOf("prover", "jobs_total", 'outcome="proved"'), "0+995x60"],
      [seriesOf("prover", "jobs_total", 'outcome="job-timeout"'), "0+5x60"],
      // Nobody failed who was told to stop.
      [seriesOf("prover", "jobs_total", 'outcome="cancelled"'), "0+100x60"],
    ],
    value: "0.02",
  },
  {
    rule: "ErrorRateHigh",
    at: "30m",
    // Scrapes, which always succeed, must not thin out the errors.
    breach: [
      [seriesOf("sequencer", "http_errors_total"), "0+2x60"],
      [seriesOf("sequencer", "http_requests_total", `${EVENTS},status="201"`), "0+98x60"],
      [seriesOf("sequencer", "http_requests_total", `${EVENTS},status="503"`), "0+2x60"],
      [seriesOf("sequencer", "http_requests_total", SCRAPES), "0+10000x60"],
    ],
    quiet: [
      [seriesOf("sequencer", "http_errors_total"), "0+5x60"],
      [seriesOf("sequencer", "http_requests_total", `${EVENTS},status="201"`), "0+995x60"],
      [seriesOf("sequencer", "http_requests_total", `${EVENTS},status="503"`), "0+5x60"],
    ],
    labels: { service: "sequencer" },
    value: "0.02",
  },
  {
    rule: "ApiSlow",
    at: "30m",
    breach: [
      ...slowTenth("sequencer", "http_request_seconds", "1", "2", EVENTS),
      ...allWithin("relayer", "http_request_seconds", "1", "2", SUBMISSIONS),
    ],
    // Whoever follows a stream has an answer that lasts.
    quiet: [
      ...allWithin("sequencer", "http_request_seconds", "1", "2", EVENTS),
      [seriesOf("sequencer", "http_request_seconds_bucket", `le="+Inf",${TAIL}`), "0+100x60"],
      // A proof takes as long as it takes.
      ...slowTenth("prover", "http_request_seconds", "1", "2", PROOFS),
    ],
    labels: { service: "sequencer" },
    value: "1.5",
  },
  {
    rule: "ApiSlow",
    at: "30m",
    // Many quick answers of another service do not hide it.
    breach: [
      ...slowTenth("relayer", "http_request_seconds", "1", "2", SUBMISSIONS),
      ...allWithin("sequencer", "http_request_seconds", "1", "2", EVENTS).map(
        ([series]) => [series, "0+10000x60"] as const,
      ),
    ],
    quiet: allWithin("relayer", "http_request_seconds", "1", "2", SUBMISSIONS),
    labels: { service: "relayer" },
    value: "1.5",
  },
  {
    rule: "ApiVerySlow",
    at: "30m",
    breach: slowTenth("sequencer", "http_request_seconds", "3", "5", EVENTS),
    quiet: allWithin("sequencer", "http_request_seconds", "3", "5", EVENTS),
    labels: { service: "sequencer" },
    value: "4",
  },
  {
    rule: "DatabaseSlow",
    at: "30m",
    // The log's is quick, whose transactions are many; the same database is slow for whoever anchors.
    breach: [
      ...slowTenth("anchor", "database_seconds", "0.5", "1"),
      ...allWithin("sequencer", "database_seconds", "0.5", "1").map(
        ([series]) => [series, "0+10000x60"] as const,
      ),
    ],
    quiet: allWithin("anchor", "database_seconds", "0.5", "1"),
    labels: { service: "anchor" },
    value: "0.75",
  },
  {
    rule: "DatabaseFailing",
    at: "12m",
    breach: [[seriesOf("sequencer", "database_errors_total"), "0x10 1x10"]],
    quiet: [[seriesOf("sequencer", "database_errors_total"), "7x20"]],
    labels: { service: "sequencer" },
    value: "1",
  },
  {
    rule: "DatabaseFailing",
    at: "12m",
    breach: [[seriesOf("prover", "database_errors_total"), "0x10 1x10"]],
    quiet: [[seriesOf("prover", "database_errors_total"), "7x20"]],
    labels: { service: "prover" },
    value: "1",
  },
  {
    rule: "AuthenticationFailing",
    at: "60m",
    breach: [[seriesOf("sequencer", "http_denied_total"), rise(11)]],
    quiet: [[seriesOf("sequencer", "http_denied_total"), rise(10)]],
    labels: { service: "sequencer" },
    value: "11",
  },
  {
    rule: "DecryptionFailing",
    at: "60m",
    breach: [[seriesOf("sequencer", "decryption_failures_total"), rise(6)]],
    quiet: [[seriesOf("sequencer", "decryption_failures_total"), rise(5)]],
    value: "6",
  },
  {
    rule: "DecryptionFailingOften",
    at: "60m",
    breach: [[seriesOf("sequencer", "decryption_failures_total"), rise(21)]],
    quiet: [[seriesOf("sequencer", "decryption_failures_total"), rise(20)]],
    value: "21",
  },
  {
    rule: "ProverQueueFull",
    at: "10m",
    breach: [
      [seriesOf("prover", "queue_jobs", 'state="queued"'), "28x20"],
      [seriesOf("prover", "queue_limit"), "32x20"],
    ],
    quiet: [
      [seriesOf("prover", "queue_jobs", 'state="queued"'), "25x20"],
      [seriesOf("prover", "queue_limit"), "32x20"],
    ],
    value: "0.875",
  },
  {
    rule: "RelayerSpendingLimit",
    at: "10m",
    breach: [[seriesOf("relayer", "waiting", 'cause="spending-limit"'), "3x20"]],
    quiet: [
      [seriesOf("relayer", "waiting", 'cause="spending-limit"'), "0x20"],
      [seriesOf("relayer", "waiting", 'cause="paused"'), "3x20"],
    ],
    value: "3",
  },
  {
    rule: "RelayerNonceTaken",
    at: "60m",
    breach: [[seriesOf("relayer", "nonces_taken_total"), rise(1)]],
    quiet: [[seriesOf("relayer", "nonces_taken_total"), "5x60"]],
    value: "1",
  },
  {
    rule: "CpuHigh",
    at: "30m",
    breach: [
      [seriesOf("prover", "process_cpu_seconds_total"), "0+108x60"],
      [seriesOf("prover", "processors"), "2x60"],
    ],
    quiet: [
      [seriesOf("prover", "process_cpu_seconds_total"), "0+90x60"],
      [seriesOf("prover", "processors"), "2x60"],
    ],
    labels: { service: "prover", instance: "prover:8480" },
    value: "0.9",
  },
];
