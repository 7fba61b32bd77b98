import type { ProblemCatalogue } from "../support/problem.ts";

/** The prover's refusals, and the ways in which a job ends without a proof. */
export const PROVER_PROBLEMS = {
  "queue-full": {
    status: 429,
    title: "The queue is full",
    remedy: "Send it again after Retry-After seconds, to this instance or another.",
  },
  "unknown-circuit-version": {
    status: 422,
    title: "This prover has no such circuit version",
    remedy: "Take one of GET /v1/circuits; an old one may have been retired.",
  },
  "inputs-do-not-satisfy": {
    status: 422,
    title: "The inputs do not satisfy the circuit",
    remedy: "Evaluate the policy on the facts before proving; the same inputs will never prove.",
  },
  "idempotency-conflict": {
    status: 422,
    title: "This Idempotency-Key came with another body before",
    remedy: "Take a new key for a new request.",
  },
  "job-not-found": {
    status: 404,
    title: "There is no such job",
    remedy: "Ended jobs are forgotten after a while: send the request again.",
  },
  "job-timeout": {
    status: 504,
    title: "The proof took too long and was given up",
    remedy: "Send it again; if it goes on, the machine is too slow or too busy.",
  },
  cancelled: {
    status: 409,
    title: "The job was cancelled",
    remedy: "Send it again if the proof is wanted after all.",
  },
  "worker-failed": {
    status: 500,
    title: "The worker that proved it ended",
    remedy: "Send it again; another worker has taken its place.",
  },
  "queue-unavailable": {
    status: 503,
    title: "The shared queue cannot be reached",
    remedy: "Try again later.",
  },
} as const satisfies ProblemCatalogue;

export type ProverProblem = keyof typeof PROVER_PROBLEMS;
