import type { Json } from "../core/json-value.ts";
import { buildEvent, type EventSigner } from "../core/log/build.ts";
import type { EventHeader, VesEvent } from "../core/log/event.ts";
import { type PayloadReader, sealPayload } from "../core/log/seal.ts";

/** Who sends, and how it signs. */
export interface Agent {
  /** UUID. */
  readonly id: string;
  /** Which of its registered keys signs; u32, from 1. */
  readonly keyId: number;
  readonly signer: EventSigner;
}

/** What an agent says in an event; the client knows the rest. */
export interface EventDraft {
  readonly entityType: string;
  readonly entityId: string;
  readonly eventType: string;
  readonly payload: Json;
  /** Who may read the payload; everybody with access to the log without it. */
  readonly readers?: readonly PayloadReader[];
  /** 32 bytes below the BN254 scalar order; the facts themselves belong into the payload. */
  readonly factsCommitment?: Uint8Array;
  /** UUID of the command that the event answers: the log takes one event for it. */
  readonly commandId?: string;
  /** How many events of the entity there must be already. */
  readonly baseVersion?: bigint;
  /** UUID; a random one without it. */
  readonly eventId?: string;
  /** RFC 3339; now without it. */
  readonly createdAt?: string;
}

/**
 * Builds and signs a version 3 event, sealed when it has readers.
 *
 * @throws InputError when a field is not allowed; CheckError when the signer's answer does not hold.
 */
export async function buildFromDraft(
  draft: EventDraft,
  stream: { readonly tenant: string; readonly store: string },
  agent: Agent,
): Promise<VesEvent> {
  const { payload, readers, factsCommitment, commandId, baseVersion } = draft;
  const header: EventHeader = {
    vesVersion: 3,
    eventId: draft.eventId ?? crypto.randomUUID(),
    tenantId: stream.tenant,
    storeId: stream.store,
    sourceAgentId: agent.id,
    agentKeyId: agent.keyId,
    entityType: draft.entityType,
    entityId: draft.entityId,
    eventType: draft.eventType,
    createdAt: draft.createdAt ?? new Date().toISOString(),
    ...(commandId === undefined ? {} : { commandId }),
    ...(baseVersion === undefined ? {} : { baseVersion }),
    ...(factsCommitment === undefined ? {} : { factsCommitment }),
  };
  if (readers === undefined) return buildEvent({ ...header, payloadKind: 0, payload }, agent.signer);
  const { fields } = await sealPayload(header, payload, readers);
  return buildEvent({ ...header, ...fields }, agent.signer);
}
