import type { ProblemCatalogue } from "../support/problem.ts";

/** What the coordinator may answer beside what every service does. */
export const COORDINATOR_PROBLEMS = {
  "not-authenticated": {
    status: 401,
    title: "The signature or the token does not hold",
    remedy: "Ask for a challenge, sign it with the contributor's key and join again.",
  },
  "kept-out": {
    status: 403,
    title: "This contributor may not contribute",
    remedy: "Ask whoever runs the ceremony; the reason is in `detail`.",
  },
  "not-your-turn": {
    status: 409,
    title: "It is another contributor's turn",
    remedy: "Wait; /v1/turn tells the place in the queue. A turn that timed out needs joining again.",
  },
  "stale-key": {
    status: 409,
    title: "The ceremony moved on since the turn began",
    remedy: "Fetch the latest key and records and contribute to those; the turn goes on.",
  },
  "upload-conflict": {
    status: 409,
    title: "The upload has another offset, or is not complete",
    remedy: "HEAD the upload and go on at its Upload-Offset.",
  },
  "upload-busy": {
    status: 423,
    title: "Another request writes to this upload",
    remedy: "Wait until it has ended, then HEAD the upload.",
  },
  "unsupported-version": {
    status: 412,
    title: "Another version of the upload protocol",
    remedy: "Send Tus-Resumable: 1.0.0.",
  },
  "contribution-refused": {
    status: 422,
    title: "The contribution does not hold",
    remedy: "The reason is in `detail`. This contributor is kept out from now on.",
  },
  closed: {
    status: 409,
    title: "The ceremony takes no more contributions",
    remedy: "Its beacon is due or applied; fetch the records and verify.",
  },
  "queue-full": {
    status: 429,
    title: "Too many contributors wait",
    remedy: "Try again after `Retry-After`.",
  },
} as const satisfies ProblemCatalogue;
