import type { ProblemCatalogue } from "../support/problem.ts";

const kind = (status: number, title: string, remedy: string) => ({ status, title, remedy });

/** Refusals of credentials and of their rate. */
const ACCESS_PROBLEMS = {
  unauthorized: kind(
    401,
    "There is no valid credential",
    "Send Authorization: Bearer with an API key or a token that is neither expired nor revoked.",
  ),
  forbidden: kind(
    403,
    "The credential may not do this",
    "Use one whose role has the permission that `detail` names.",
  ),
  "rate-limited": kind(429, "Too many requests", "Send it again after Retry-After seconds."),
} as const satisfies ProblemCatalogue;

/** Refusals of an event that another event will not meet: nothing of it was written. */
const EVENT_PROBLEMS = {
  "event-malformed": kind(
    422,
    "This is not an event",
    "`errors` points at the field; docs/formats.md has them.",
  ),
  "payload-too-large": kind(
    413,
    "The payload is too large",
    "Keep large things elsewhere and log their hash.",
  ),
  "payload-hash-mismatch": kind(422, "The payload has another hash", "Hash the canonical JSON (RFC 8785)."),
  "facts-mismatch": kind(
    422,
    "The facts are not what the event commits to",
    "Commit to the facts that are in the payload, with their salt.",
  ),
  "schema-mismatch": kind(
    422,
    "The payload is not of its event type's schema",
    "`errors` points at the fault; GET /v1/schemas/TYPE has the schema.",
  ),
  "signature-invalid": kind(
    422,
    "The signature does not hold",
    "Sign the signing hash of exactly these fields.",
  ),
  "key-unknown": kind(
    422,
    "The stream does not know this key",
    "Register the agent's key in this stream first.",
  ),
  "key-revoked": kind(422, "The key is no longer good", "Sign with the key that replaced it."),
  "reserved-type": kind(422, "The log keeps this type for itself", 'Do not begin types with "proofx.".'),
  "created-at-in-future": kind(422, "The event is dated ahead", "Set the agent's clock."),
  "wrong-tenant": kind(403, "The event is another tenant's", "Send it with a credential of its tenant."),
  "wrong-agent": kind(403, "The event is another agent's", "Send it with a credential of its agent."),
  "wrong-stream": kind(422, "The event is of another store", "Send it to the store that it names."),
  "event-id-conflict": kind(409, "Another event has this id", "Give a new event a new id."),
  "command-conflict": kind(409, "The command was carried out", "Give a new command a new id."),
  "base-version-conflict": kind(
    409,
    "The entity has another version",
    "Read the entity's events, decide anew, and name its version.",
  ),
} as const satisfies ProblemCatalogue;

/** The sequencer's refusals, and what keeps it from answering. */
export const SEQUENCER_PROBLEMS = {
  ...ACCESS_PROBLEMS,
  ...EVENT_PROBLEMS,
  "stream-unknown": kind(
    404,
    "There is no such stream",
    "Open it with POST /v1/stores/STORE; the name is a UUID.",
  ),
  "key-malformed": kind(422, "This is not a key registration", "`detail` says what was expected."),
  "key-conflict": kind(
    409,
    "The key cannot be registered or revoked so",
    "`detail` says what is in the way.",
  ),
  "schema-malformed": kind(422, "This is not a JSON Schema", "Send a schema of JSON Schema 2020-12."),
  "size-unpublished": kind(
    404,
    "No checkpoint is that large",
    "Ask for at most the size of GET /v1/stores/STORE/checkpoint.",
  ),
  "batch-open": kind(404, "No batch holds the event yet", "Ask again later; batches close by size or age."),
  overloaded: kind(503, "The log has too much under way", "Send it again after Retry-After seconds."),
  unavailable: kind(
    503,
    "The database does not answer",
    "Send the very same event again: whether it has a place in the log is not known, and a repeat finds out.",
  ),
} as const satisfies ProblemCatalogue;

export type SequencerProblem = keyof typeof SEQUENCER_PROBLEMS;
