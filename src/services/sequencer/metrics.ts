import { Counter, Gauge, Histogram } from "prom-client";
import { EVENT_CAUSES, type RefusalCause } from "../../sequencer/audit/index.ts";
import { AUTH_CAUSES } from "../../sequencer/auth/index.ts";
import { SERVICE_PURPOSES, type ServiceSigners } from "../../sequencer/identity/index.ts";
import type { DatabaseMetrics } from "../support/database.ts";
import type { Metrics } from "../support/metrics.ts";

/** What the sequencer counts beside its requests. */
export interface SequencerMetrics extends DatabaseMetrics {
  accepted(duplicate: boolean): void;
  /** @param code The problem's. */
  refused(code: string): void;
  /** Counts what waits for its place in the log. */
  whileWaiting<T>(work: () => Promise<T>): Promise<T>;
  /** A refusal that is written down; those of credentials are counted here. */
  noted(cause: RefusalCause): void;
  /** A record at rest was not opened by its key. */
  notOpened(): void;
  /** A transaction that appended so many events, and how long it took. */
  committed(events: number, seconds: number): void;
  /** How many streams wanted a checkpoint at a look. */
  waitingStreams(count: number): void;
  /** A checkpoint was published so long after the event at its end was sequenced, or publishing failed. */
  published(seconds: number): void;
  publishingFailed(): void;
  witness(outcome: string): void;
}

/** Why a caller is turned away, whatever it asks for. */
const CALLER_CAUSES: ReadonlySet<RefusalCause> = new Set([...AUTH_CAUSES, "too-many-failures", "forbidden"]);

/** Adds the sequencer's own metrics to those of its database. */
export function createSequencerMetrics(
  { registry, prefix }: Metrics,
  database: DatabaseMetrics,
  tails: () => number,
): SequencerMetrics {
  const registers = [registry];
  const counter = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
    new Counter({ name: `${prefix}${name}`, help, labelNames, registers });
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name: `${prefix}${name}`, help, buckets, registers });
  const gauge = (name: string, help: string) => new Gauge({ name: `${prefix}${name}`, help, registers });

  const waiting = gauge("events_waiting", "Events that wait for their place to be on disk");
  const sizes = histogram(
    "group_events",
    "Events appended by one transaction",
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  );
  const seconds = histogram(
    "commit_seconds",
    "Time of one appending transaction, its commit included",
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  );
  const stale = gauge("checkpoint_waiting_streams", "Streams whose head had no checkpoint at the last look");
  const lag = histogram(
    "checkpoint_lag_seconds",
    "From an event's sequencing to the checkpoint that has it",
    [0.1, 0.25, 0.5, 1, 2, 5, 10, 60],
  );
  const failures = counter("checkpoint_failures_total", "Checkpoints that could not be published");
  const witnesses = counter("witness_answers_total", "What became of requests for cosignatures", ["outcome"]);
  addTails({ registry, prefix }, tails);
  return {
    async whileWaiting(work) {
      waiting.inc();
      try {
        return await work();
      } finally {
        waiting.dec();
      }
    },
    committed: (events, took) => {
      sizes.observe(events);
      seconds.observe(took);
    },
    waitingStreams: (count) => stale.set(count),
    published: (after) => lag.observe(after),
    publishingFailed: () => failures.inc(),
    witness: (outcome) => witnesses.inc({ outcome }),
    ...database,
    ...fateCounters({ registry, prefix }),
    ...guardedCounters({ registry, prefix }),
  };
}

function addTails({ registry, prefix }: Metrics, tails: () => number): void {
  new Gauge({
    name: `${prefix}tails`,
    help: "Clients that follow a stream",
    registers: [registry],
    collect() {
      this.set(tails());
    },
  });
}

/** What became of events. At 0 from the start: a counter that appears with its first count has not risen. */
function fateCounters({ registry, prefix }: Metrics): Pick<SequencerMetrics, "accepted" | "refused"> {
  const registers = [registry];
  const accepted = new Counter({
    name: `${prefix}events_accepted_total`,
    help: "Events that got a place, and repeats of such",
    labelNames: ["repeat"],
    registers,
  });
  for (const repeat of ["false", "true"]) accepted.inc({ repeat }, 0);
  const refused = new Counter({
    name: `${prefix}events_refused_total`,
    help: "Events that got none, by the problem's code",
    labelNames: ["code"],
    registers,
  });
  for (const code of EVENT_CAUSES) refused.inc({ code }, 0);
  return {
    accepted: (duplicate) => accepted.inc({ repeat: String(duplicate) }),
    refused: (code) => refused.inc({ code }),
  };
}

/** Of what an attacker would cause. */
function guardedCounters({ registry, prefix }: Metrics): Pick<SequencerMetrics, "noted" | "notOpened"> {
  const registers = [registry];
  const strangers = new Counter({
    name: `${prefix}authentication_failures_total`,
    help: "Callers turned away, by why",
    labelNames: ["cause"],
    registers,
  });
  for (const cause of CALLER_CAUSES) strangers.inc({ cause }, 0);
  const sealed = new Counter({
    name: `${prefix}decryption_failures_total`,
    help: "Records at rest that their key did not open: changed, moved, or under another key",
    registers,
  });
  return {
    noted: (cause) => {
      if (CALLER_CAUSES.has(cause)) strangers.inc({ cause });
    },
    notOpened: () => sealed.inc(),
  };
}

/** How old the keys are that this process signs with; a schedule's alarm stands on it. */
export function addKeyAges({ registry, prefix }: Metrics, signers: Pick<ServiceSigners, "activeKey">): void {
  new Gauge({
    name: `${prefix}service_key_age_seconds`,
    help: "Age of the log's own key that signs now",
    labelNames: ["purpose"],
    registers: [registry],
    collect() {
      for (const purpose of SERVICE_PURPOSES)
        this.set({ purpose }, Date.now() / 1000 - Number(signers.activeKey(purpose).activeFrom) / 1000);
    },
  });
}
