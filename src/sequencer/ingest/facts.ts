import { uintFromBytes } from "../../core/bytes.ts";
import { InputError } from "../../core/errors.ts";
import { factCommitment, parseFacts } from "../../core/facts/index.ts";
import type { VesEvent } from "../../core/log/index.ts";
import { Refusal } from "./refusal.ts";

/**
 * Facts of a plain payload are those that the event commits to. In version 3 a payload's `facts` and the commitment come
 * together or not at all, so that nobody finds out only at the prover that a commitment was forgotten. What is in an
 * encrypted payload nobody here can see.
 *
 * @throws Refusal
 */
export function checkFacts(event: VesEvent): void {
  if (event.payloadKind !== 0 || event.vesVersion !== 3) return;
  const facts = factsOf(event.payload);
  const { factsCommitment } = event;
  if (facts === undefined && factsCommitment === undefined) return;
  if (facts === undefined) {
    throw mismatch("facts_commitment stands for facts that the payload does not have", "/facts_commitment");
  }
  if (factsCommitment === undefined) {
    throw mismatch("the payload has facts, and facts_commitment is missing", "/payload/facts");
  }
  if (commitmentTo(facts) === uintFromBytes(factsCommitment)) return;
  throw mismatch("facts_commitment is not that of the payload's facts", "/facts_commitment");
}

function factsOf(payload: unknown): unknown {
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return undefined;
  return Object.hasOwn(payload, "facts") ? Reflect.get(payload, "facts") : undefined;
}

function commitmentTo(facts: unknown): bigint {
  try {
    return factCommitment(parseFacts(facts));
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw mismatch(cause.message, "/payload/facts");
  }
}

function mismatch(detail: string, pointer: string): Refusal {
  return new Refusal("facts-mismatch", detail, { pointer });
}
