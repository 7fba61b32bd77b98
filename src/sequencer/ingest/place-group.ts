import {
  leafOf,
  type Receipt,
  receiptHash,
  receiptMessage,
  unsignedFields,
  type VesEvent,
} from "../../core/log/index.ts";
import { eventAad } from "../at-rest/index.ts";
import type { ServiceSigner } from "../identity/signers.ts";
import type { Sql } from "../store/index.ts";
import { appendRows, type Row } from "./append.ts";
import type { CheckedEvent } from "./check.ts";
import type { KeyReference, KnownKeys } from "./known-keys.ts";
import { requireBaseVersion, requireKeyInUse, requireNewCommand, requireSame } from "./place.ts";
import type { Accepted, RecordSealer } from "./ports.ts";
import { Refusal } from "./refusal.ts";
import type { SchemaJudge, SchemaVerdict } from "./schema-judge.ts";
import {
  type EntityReference,
  findCommands,
  findEvents,
  type LockedStream,
  readStreamFacts,
  type StoredPlace,
  type StreamFacts,
} from "./stream-state.ts";

/** An event that waits for its place; its signature was verified under the key it names. */
export interface Entry {
  readonly checked: CheckedEvent;
  /** By the log itself: its key is not an agent's, and no schema holds for it. */
  readonly own: boolean;
  /** What the tenant's schemas said; own events have none. */
  readonly verdict: SchemaVerdict | undefined;
  /** It may have got its place before: the database failed at the commit. */
  uncertain: boolean;
}

/** What a group needs beside its events. */
export interface GroupContext {
  readonly keys: KnownKeys;
  readonly schemas: SchemaJudge;
  readonly sealer: RecordSealer;
  readonly receipts: ServiceSigner;
  /** Milliseconds since the epoch. */
  readonly now: bigint;
}

interface Placed {
  readonly checked: CheckedEvent;
  readonly sequence: bigint;
  readonly entityVersion: bigint;
}

/** What is decided of an entry before anything is signed or written. */
type Decision =
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "stored"; readonly place: StoredPlace }
  | { readonly kind: "placed"; readonly index: number; readonly repeat: boolean };

/**
 * Gives a group of events their places, within a transaction that holds the stream's lock. A refused event takes no place and
 * leaves the others alone.
 *
 * @returns In the entries' order, what became of each once the transaction commits.
 */
export async function placeGroup(
  sql: Sql,
  stream: LockedStream,
  entries: readonly Entry[],
  context: GroupContext,
): Promise<(Accepted | Refusal)[]> {
  const state = await readState(sql, stream, entries, context);
  const placed: Placed[] = [];
  const decisions: Decision[] = [];
  for (const entry of entries) {
    decisions.push(await decide(sql, stream, entry, { ...context, ...state, placed }));
  }
  const rows = await Promise.all(placed.map((each) => rowOf(each, state.sequencedAt, context)));
  if (rows.length > 0) await appendRows(sql, stream, rows);
  return decisions.map((decision, index) => outcomeOf(decision, rows, entries[index]));
}

interface GroupState {
  readonly stored: ReadonlyMap<string, StoredPlace>;
  readonly commands: Map<string, bigint>;
  readonly versions: Map<string, bigint>;
  readonly facts: StreamFacts;
  /** Never before that of the event before, wherever the clock went. */
  readonly sequencedAt: bigint;
  /** Index among the placed, by event id. */
  readonly fresh: Map<string, number>;
}

async function readState(
  sql: Sql,
  stream: LockedStream,
  entries: readonly Entry[],
  { keys, now }: GroupContext,
): Promise<GroupState> {
  const events = entries.map(({ checked }) => checked.event);
  const entities = new Map<string, EntityReference>(events.map((event) => [entityOf(event), event]));
  const stored = await findEvents(sql, stream, [...new Set(events.map(({ eventId }) => eventId))]);
  const commands = await findCommands(sql, stream, [
    ...new Set(events.flatMap(({ commandId }) => commandId ?? [])),
  ]);
  const facts = await readStreamFacts(sql, stream, [...entities.values()]);
  const stale = staleKeys(stream, entries, keys);
  if (stale.length > 0) await keys.read(sql, stream.tenant, stream.store, stale);
  const versions = new Map(
    [...entities.keys()].map((entity, index) => [entity, facts.versions[index] ?? 0n]),
  );
  const sequencedAt = now > facts.sequencedAt ? now : facts.sequencedAt;
  return { stored, commands, versions, facts, sequencedAt, fresh: new Map() };
}

/** Keys of the group that were last read in another epoch of the stream's. */
function staleKeys(stream: LockedStream, entries: readonly Entry[], keys: KnownKeys): KeyReference[] {
  const stale = new Map<string, KeyReference>();
  for (const { checked, own } of entries) {
    const reference = { agent: checked.event.sourceAgentId, keyId: checked.event.agentKeyId };
    if (own || keys.current(stream.tenant, stream.store, reference, stream.keyEpoch) !== undefined) continue;
    stale.set(`${reference.agent}/${reference.keyId}`, reference);
  }
  return [...stale.values()];
}

async function decide(
  sql: Sql,
  stream: LockedStream,
  entry: Entry,
  state: GroupState & GroupContext & { readonly placed: Placed[] },
): Promise<Decision> {
  const { event, signingHash } = entry.checked;
  try {
    const stored = state.stored.get(event.eventId);
    if (stored !== undefined) {
      requireSame(event, signingHash, stored);
      return { kind: "stored", place: stored };
    }
    const index = state.fresh.get(event.eventId);
    const twin = index === undefined ? undefined : state.placed[index];
    if (index !== undefined && twin !== undefined) {
      requireSame(event, signingHash, asStored(twin));
      return { kind: "placed", index, repeat: true };
    }
    await requireWelcome(sql, stream, entry, state);
    return place(stream, entry, state);
  } catch (error) {
    if (error instanceof Refusal) return { kind: "refused", refusal: error };
    throw error;
  }
}

async function requireWelcome(
  sql: Sql,
  stream: LockedStream,
  { checked, own, verdict }: Entry,
  state: GroupState & GroupContext & { readonly placed: readonly Placed[] },
): Promise<void> {
  const { event } = checked;
  if (!own) {
    const reference = { agent: event.sourceAgentId, keyId: event.agentKeyId };
    const key = state.keys.current(stream.tenant, stream.store, reference, stream.keyEpoch);
    const sequence = stream.head + BigInt(state.placed.length) + 1n;
    requireKeyInUse(event, key, { sequence, sequencedAt: state.sequencedAt });
    const { schemaEpoch } = state.facts;
    const now =
      verdict?.epoch === schemaEpoch ? verdict : await state.schemas.judgeAgain(sql, event, schemaEpoch);
    if (now.refusal !== undefined) throw now.refusal;
  }
  if (event.commandId !== undefined) requireNewCommand(state.commands.get(event.commandId));
  requireBaseVersion(event, state.versions.get(entityOf(event)) ?? 0n);
}

function place(
  stream: LockedStream,
  { checked }: Entry,
  { placed, versions, commands, fresh }: GroupState & { readonly placed: Placed[] },
): Decision {
  const { event } = checked;
  const entity = entityOf(event);
  const entityVersion = (versions.get(entity) ?? 0n) + 1n;
  const index = placed.length;
  const sequence = stream.head + BigInt(index) + 1n;
  placed.push({ checked, sequence, entityVersion });
  versions.set(entity, entityVersion);
  fresh.set(event.eventId, index);
  if (event.commandId !== undefined) commands.set(event.commandId, sequence);
  return { kind: "placed", index, repeat: false };
}

async function rowOf(
  { checked, sequence, entityVersion }: Placed,
  sequencedAt: bigint,
  { sealer, receipts }: GroupContext,
): Promise<Row> {
  const { event, signingHash, content } = checked;
  const { tenantId, storeId, eventId, agentSignature, sourceAgentId } = event;
  const statement = { eventId, tenantId, storeId, sequence, signingHash };
  const hash = receiptHash(statement);
  const owner = { tenant: tenantId, agent: sourceAgentId, aad: eventAad({ ...event, sequence }) };
  const [sealed, receiptSignature] = await Promise.all([
    sealer.seal(owner, content),
    receipts.sign(receiptMessage(hash, sequencedAt, unsignedFields(event))),
  ]);
  const receipt = {
    ...statement,
    sequencedAt,
    receiptHash: hash,
    receiptKeyId: receipts.keyId,
    receiptSignature,
  };
  return {
    checked,
    sealed,
    leaf: leafOf({ tenantId, storeId, sequence, signingHash, agentSignature }),
    entityVersion,
    receipt,
  };
}

function outcomeOf(decision: Decision, rows: readonly Row[], entry: Entry | undefined): Accepted | Refusal {
  if (decision.kind === "refused") return decision.refusal;
  if (decision.kind === "stored" && entry !== undefined) {
    const { sequence, entityVersion } = decision.place;
    const receipt = storedReceipt(entry.checked.event, decision.place);
    return { receipt, sequence, entityVersion, duplicate: !entry.uncertain };
  }
  const row = decision.kind === "placed" ? rows[decision.index] : undefined;
  if (row === undefined) throw new TypeError("an event was given a place and no row");
  const { receipt, entityVersion } = row;
  return {
    receipt,
    sequence: receipt.sequence,
    entityVersion,
    duplicate: decision.kind === "placed" && decision.repeat,
  };
}

/** The receipt that was given for an event of the log. */
export function storedReceipt(
  event: Pick<VesEvent, "eventId" | "tenantId" | "storeId">,
  place: StoredPlace,
): Receipt {
  const { eventId, tenantId, storeId } = event;
  const { sequence, signingHash, sequencedAt, receiptKeyId } = place;
  const statement = { eventId, tenantId, storeId, sequence, signingHash: Uint8Array.from(signingHash) };
  return {
    ...statement,
    sequencedAt,
    receiptHash: receiptHash(statement),
    receiptKeyId,
    receiptSignature: Uint8Array.from(place.receiptSignature),
  };
}

function asStored({ checked, sequence }: Placed) {
  const { event, signingHash } = checked;
  return {
    sequence,
    signingHash,
    commandId: event.commandId ?? null,
    baseVersion: event.baseVersion?.toString() ?? null,
  };
}

/** Two texts, unlike any other two: neither holds U+0000. */
function entityOf({ entityType, entityId }: EntityReference): string {
  return `${entityType}\0${entityId}`;
}
