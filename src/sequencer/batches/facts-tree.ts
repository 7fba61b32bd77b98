import { toHex, uintFromBytes } from "../../core/bytes.ts";
import { buildFactsTree, type FactsTree, factsLeaf, subjectOf } from "../../core/facts/index.ts";
import { uuidBytes } from "../../core/uuid.ts";

/** What the facts tree needs of an event. */
export interface FactsEvent {
  readonly sequence: bigint;
  readonly agentId: string;
  /** 32 bytes, or null when the event carries no facts. */
  readonly factsCommitment: Uint8Array | null;
}

/** An agent's name on chain, from its stream and its UUID. */
export function subjectOfAgent(streamId: Uint8Array, agentId: string): bigint {
  return subjectOf(toHex(streamId), toHex(uuidBytes("agent id", agentId)));
}

/** The facts tree of a batch: over its events with facts, in sequence order. Composes log and facts, which do not know each other. */
export function factsTreeOf(streamId: Uint8Array, events: readonly FactsEvent[]): FactsTree {
  const leaves = withFacts(events).map(({ sequence, agentId, factsCommitment }) =>
    factsLeaf(subjectOfAgent(streamId, agentId), sequence, uintFromBytes(factsCommitment)),
  );
  return buildFactsTree(leaves);
}

/** The events that have a leaf in the facts tree; an event's index here is its leaf's index there. */
export function withFacts<E extends FactsEvent>(
  events: readonly E[],
): (E & { readonly factsCommitment: Uint8Array })[] {
  return events.filter(
    (event): event is E & { readonly factsCommitment: Uint8Array } => event.factsCommitment !== null,
  );
}
