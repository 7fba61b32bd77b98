import { randomUUID } from "node:crypto";
import { canonicalJson, type Json } from "../../core/json.ts";
import { buildEvent, signingHash } from "../../core/log/index.ts";
import type { LogIdentity } from "../identity/identity.ts";
import type { ServiceSigners } from "../identity/signers.ts";
import type { Sql } from "../store/index.ts";
import { type GroupContext, placeGroup, storedReceipt } from "./place-group.ts";
import type { Accepted, Effect, OwnDraft } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import { findEvents, type LockedStream, readStreamFacts } from "./stream-state.ts";

/** Entity type of the events that name the log's own keys. */
export const SERVICE_KEY_ENTITY = "proofx.service-key";

/** An own event under its id, which stays the same however often it is tried. */
export interface OwnEvent {
  readonly eventId: string;
  readonly draft: OwnDraft;
  readonly effect: Effect | undefined;
}

/** Who signs the log's own events. */
export interface Registrar {
  readonly identity: LogIdentity;
  readonly signers: ServiceSigners;
}

/** An own event with an id of its own. */
export function ownEvent(draft: OwnDraft, effect?: Effect): OwnEvent {
  return { eventId: randomUUID(), draft, effect };
}

/**
 * Writes an own event and what belongs to it, within a transaction that holds the stream's lock.
 *
 * A repeat finds the event that an earlier try has committed, and does nothing.
 */
export async function placeOwn(
  sql: Sql,
  stream: LockedStream,
  { eventId, draft, effect }: OwnEvent,
  { identity, signers }: Registrar,
  context: GroupContext,
): Promise<Accepted> {
  const stored = (await findEvents(sql, stream, [eventId])).get(eventId);
  if (stored !== undefined) {
    const receipt = storedReceipt({ eventId, tenantId: stream.tenant, storeId: stream.store }, stored);
    return { receipt, sequence: stored.sequence, entityVersion: stored.entityVersion, duplicate: false };
  }
  await signers.refresh(sql);
  const signer = await signers.byId("registrar", await registrarKeyOf(sql, stream, signers));
  const event = await buildEvent(
    {
      vesVersion: 3,
      eventId,
      tenantId: stream.tenant,
      storeId: stream.store,
      sourceAgentId: identity.registrarId,
      agentKeyId: signer.keyId,
      ...draft,
      createdAt: new Date(Number(context.now)).toISOString(),
      payloadKind: 0,
      payload: draft.payload,
    },
    signer,
  );
  const content = canonicalJson("payload", draft.payload as Json);
  const checked = { event, signingHash: signingHash(event), content };
  const [outcome] = await placeGroup(
    sql,
    stream,
    [{ checked, own: true, verdict: undefined, uncertain: false }],
    context,
  );
  if (outcome === undefined || outcome instanceof Refusal) throw outcome;
  await effect?.(sql, outcome.sequence);
  return outcome;
}

/**
 * The registrar's key that this stream's readers know: the newest that an event of the stream names. A rotation is signed by
 * the key before it.
 */
async function registrarKeyOf(sql: Sql, stream: LockedStream, signers: ServiceSigners): Promise<number> {
  const { keyId: active } = signers.activeKey("registrar");
  // The first event names the key that signs it.
  if (active === 1 || stream.head === 0n) return active;
  const first = await signerOfFirst(sql, stream);
  const later = Array.from({ length: active - first }, (_, index) => first + 1 + index);
  if (later.length === 0) return active;
  const entities = later.map((keyId) => ({ entityType: SERVICE_KEY_ENTITY, entityId: `registrar/${keyId}` }));
  const { versions } = await readStreamFacts(sql, stream, entities);
  return later.findLast((_, index) => versions[index] !== 0n) ?? first;
}

async function signerOfFirst(sql: Sql, { tenant, store }: LockedStream): Promise<number> {
  const [row] = await sql.query<{ agent_key_id: bigint }>(
    "SELECT agent_key_id FROM proofx.events WHERE tenant_id = $1 AND store_id = $2 AND sequence >= 1 ORDER BY sequence LIMIT 1",
    [tenant, store],
  );
  return Number(row?.agent_key_id ?? 1n);
}
