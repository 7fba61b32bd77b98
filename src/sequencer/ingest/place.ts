import { equalBytes } from "../../core/bytes.ts";
import type { VesEvent } from "../../core/log/index.ts";
import type { AgentKey } from "./known-keys.ts";
import { Refusal } from "./refusal.ts";
import type { StoredPlace } from "./stream-state.ts";

/** @throws Refusal unless the event with this id that the stream has is this very one. */
export function requireSame(
  event: VesEvent,
  signingHash: Uint8Array,
  stored: Pick<StoredPlace, "sequence" | "signingHash" | "commandId" | "baseVersion">,
): void {
  const same =
    equalBytes(stored.signingHash, signingHash) &&
    stored.commandId === (event.commandId ?? null) &&
    stored.baseVersion === (event.baseVersion?.toString() ?? null);
  if (same) return;
  const detail = `another event has this event_id, at sequence ${stored.sequence}`;
  throw new Refusal("event-id-conflict", detail, { pointer: "/event_id" });
}

/**
 * Holds an event to its key's time in the log: what counts is the place it gets, whatever date it bears.
 *
 * @throws Refusal
 */
export function requireKeyInUse(
  event: VesEvent,
  key: AgentKey | undefined,
  place: { readonly sequence: bigint; readonly sequencedAt: bigint },
): void {
  const name = `key ${event.agentKeyId} of agent ${event.sourceAgentId}`;
  if (key === undefined || key.registeredAt >= place.sequence) throw keyUnknown(event);
  if (key.revokedAt !== null) {
    throw new Refusal("key-revoked", `${name} was revoked at sequence ${key.revokedAt}`, {
      pointer: "/agent_key_id",
    });
  }
  if (key.retireAfter !== null && place.sequencedAt >= key.retireAfter) {
    throw new Refusal("key-revoked", `${name} was replaced, and its time of overlap is over`, {
      pointer: "/agent_key_id",
    });
  }
}

/** That a stream has no such key. */
export function keyUnknown({ agentKeyId, sourceAgentId }: VesEvent): Refusal {
  const detail = `key ${agentKeyId} of agent ${sourceAgentId} is not registered in this stream`;
  return new Refusal("key-unknown", detail, { pointer: "/agent_key_id" });
}

/** @throws Refusal when the event expects its entity in another state. */
export function requireBaseVersion(event: VesEvent, current: bigint): void {
  if (event.baseVersion === undefined || event.baseVersion === current) return;
  const detail = `base_version is ${event.baseVersion}, and the entity has version ${current}`;
  throw new Refusal("base-version-conflict", detail, { pointer: "/base_version" });
}

/** @throws Refusal when the command was carried out by another event. */
export function requireNewCommand(carriedOutAt: bigint | undefined): void {
  if (carriedOutAt === undefined) return;
  const detail = `the command was carried out by the event at sequence ${carriedOutAt}`;
  throw new Refusal("command-conflict", detail, { pointer: "/command_id" });
}

/** That nobody opened a stream of this tenant's for this store. */
export function streamUnknown(): Refusal {
  return new Refusal("stream-unknown", "this store has no stream of this tenant's");
}
