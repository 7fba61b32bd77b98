import type { ProblemCatalogue } from "../support/problem.ts";

/** The relayer's own refusals. */
export const RELAYER_PROBLEMS = {
  unauthorised: {
    status: 401,
    title: "The token is missing or wrong",
    remedy: "Send Authorization: Bearer TOKEN, with the token that the relayer's operator gave you.",
  },
  "idempotency-key-missing": {
    status: 400,
    title: "There is no usable Idempotency-Key",
    remedy:
      "Send 1 to 200 visible ASCII characters that are new for each submission and the same for each repetition.",
  },
  "idempotency-key-reused": {
    status: 409,
    title: "The Idempotency-Key stands for another submission",
    remedy: "Use a new key for a new proof file.",
  },
  "wrong-deployment": {
    status: 422,
    title: "The proof is for another chain, verifier or submitter",
    remedy: "Prove for the chain, verifier and submitter that GET /v1/relayer names.",
  },
  "deadline-passed": {
    status: 422,
    title: "The proof may not be sent any more",
    remedy: "Prove again.",
  },
  "queue-full": {
    status: 429,
    title: "Too many submissions wait",
    remedy: "Send it again after Retry-After, with the same Idempotency-Key.",
  },
  "spending-limit": {
    status: 503,
    title: "The relayer has spent what it may",
    remedy: "Send it again after Retry-After; the operator can raise spending_limit.",
  },
  "too-late": {
    status: 409,
    title: "The submission cannot be cancelled any more",
    remedy: "Only what waits in state accepted can be cancelled; ask for its state.",
  },
} as const satisfies ProblemCatalogue;
