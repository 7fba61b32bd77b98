import type { ProblemCatalogue } from "../support/problem.ts";

/** The witness's own refusals. Their statuses are those of c2sp.org/tlog-witness. */
export const WITNESS_PROBLEMS = {
  malformed: {
    status: 400,
    title: "The body is no request of tlog-witness",
    remedy: "Send `old SIZE`, the consistency proof's hashes, an empty line and the signed checkpoint.",
  },
  "old-size": {
    status: 400,
    title: "The old size is above the checkpoint's",
    remedy: "A log only grows: send a checkpoint that is not smaller than the one cosigned last.",
  },
  "not-signed": {
    status: 403,
    title: "No trusted key of the log signed the checkpoint",
    remedy: "Ask the witness's operator which verifier keys are configured for this origin.",
  },
  "unknown-log": {
    status: 404,
    title: "The witness does not know this log",
    remedy: "Give the witness's operator the log's origin and verifier key.",
  },
  equivocation: {
    status: 409,
    title: "The log signed another root for the size that is cosigned",
    remedy: "There is none: the log forked. The witness keeps both checkpoints.",
  },
  inconsistent: {
    status: 422,
    title: "The proof does not show that the log only grew",
    remedy: "Send the RFC 9162 consistency proof from the old size to the checkpoint's.",
  },
} as const satisfies ProblemCatalogue;

export type WitnessProblem = keyof typeof WITNESS_PROBLEMS;
