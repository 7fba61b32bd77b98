import { equalBytes, toHex } from "../../core/bytes.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import {
  cipherHash,
  leafOf,
  parseEvent,
  payloadAad,
  plainHash,
  receiptHash,
  receiptMessage,
  type SignedContent,
  signingHash,
  unsignedFields,
  type VesEvent,
} from "../../core/log/index.ts";
import { eventAad } from "../at-rest/aad.ts";
import { PayloadErased } from "../at-rest/keyring.ts";
import { signedJson } from "../read/event-row.ts";
import { EntryCheck } from "./fault.ts";
import { KEY_EVENTS, type KeyHistory } from "./keys.ts";
import type { EventRow } from "./rows.ts";
import { verifyingKey, verifySignature } from "./signature.ts";
import { type Earlier, entityName } from "./source.ts";

/** Opens what is sealed at rest; `Keyring` has it. Without it, payloads are not looked at. */
export type OpenPayload = (
  record: { readonly tenant: string; readonly aad: Uint8Array },
  sealed: Uint8Array,
) => Promise<Uint8Array>;

/** What checking one event needs of those before it. */
export interface EventContext {
  /** 0x hex. */
  readonly stream: string;
  readonly tenant: string;
  readonly store: string;
  readonly keys: KeyHistory;
  /** A receipt key by its id, from wherever it is known. */
  readonly receiptKey: (id: number) => Uint8Array | undefined;
  readonly open: OpenPayload | undefined;
  /** Whether a file was recorded that has the payload of the event at this place. */
  readonly isArchived: (sequence: bigint) => boolean;
  /** Of the events before the chunk, and then of those of the chunk that were checked. */
  readonly eventIds: Map<string, bigint>;
  readonly commandIds: Map<string, bigint>;
  readonly versions: Map<string, bigint>;
}

/** The part of a context that a chunk begins with. */
export function seenBefore({ eventIds, commandIds, versions }: Earlier) {
  return { eventIds: new Map(eventIds), commandIds: new Map(commandIds), versions: new Map(versions) };
}

/** What became of a payload. */
export type PayloadState = "checked" | "erased" | "archived" | "unread";

/**
 * Checks everything of an event row that the row itself, its keys and the events before it determine.
 *
 * @param sequence Its place, counted.
 * @param after When the event before it was sequenced, ms.
 * @throws FaultFound naming the field.
 */
export async function checkEvent(
  context: EventContext,
  row: EventRow,
  sequence: bigint,
  after: bigint,
): Promise<PayloadState> {
  const check = new EntryCheck(context.stream, "event", sequence);
  check.require(row.sequence === sequence, "sequence", `expected ${sequence}, got ${row.sequence}`);
  check.require(row.tenant_id === context.tenant, "tenant_id", "it is another tenant's");
  check.require(row.store_id === context.store, "store_id", "it is another stream's");
  const content = contentOf(row);
  const hash = check.run("signing_hash", () => signingHash(content));
  check.require(
    equalBytes(hash, row.signing_hash),
    "signing_hash",
    `its fields give ${toHex(hash)}, the row has ${toHex(row.signing_hash)}`,
  );
  const { state, event } = await checkPayload(context, check, row, content);
  checkWho(check, row, context.keys);
  const take = () =>
    check.run("payload", () => context.keys.take(row, event?.payloadKind === 0 ? event.payload : undefined));
  // The opening names the key that signs it. Any other is believed only when a key signed it that was known before.
  if (sequence === 1n) take();
  await checkSignature(check, row, hash, context.keys);
  if (sequence > 1n && KEY_EVENTS.has(row.event_type)) take();
  const { tenant_id: tenantId, store_id: storeId, agent_signature: agentSignature } = row;
  const leaf = leafOf({ tenantId, storeId, sequence, signingHash: hash, agentSignature });
  check.require(equalBytes(leaf, row.leaf), "leaf", `expected ${toHex(leaf)}, got ${toHex(row.leaf)}`);
  await checkReceipt(check, row, hash, content, context);
  check.require(row.sequenced_at >= after, "sequenced_at", "it is before that of the event before it");
  checkPlace(check, row, context);
  return state;
}

/** A row's signed content, as its agent signed it. */
function contentOf(row: EventRow): SignedContent {
  return {
    vesVersion: row.ves_version,
    eventId: row.event_id,
    tenantId: row.tenant_id,
    storeId: row.store_id,
    sourceAgentId: row.source_agent_id,
    agentKeyId: Number(row.agent_key_id),
    entityType: row.entity_type,
    entityId: row.entity_id,
    eventType: row.event_type,
    createdAt: row.created_at,
    ...(row.command_id === null ? {} : { commandId: row.command_id }),
    ...(row.base_version === null ? {} : { baseVersion: BigInt(row.base_version) }),
    ...(row.facts_commitment === null ? {} : { factsCommitment: row.facts_commitment }),
    payloadKind: row.payload_kind,
    payloadPlainHash: row.payload_plain_hash,
    payloadCipherHash: row.payload_cipher_hash,
  };
}

/** The log's own types are the registrar's, and it signs nothing else. */
function checkWho(check: EntryCheck, row: EventRow, keys: KeyHistory): void {
  const own = [row.entity_type, row.event_type].some((type) => type.startsWith("proofx."));
  const isRegistrar = row.source_agent_id === (keys.registrarId ?? row.source_agent_id);
  if (row.sequence === 1n)
    check.require(
      row.event_type === "proofx.stream.opened",
      "event_type",
      "a stream begins with its opening",
    );
  check.require(
    own === isRegistrar || keys.registrarId === undefined,
    "source_agent_id",
    "only the registrar writes the log's own events",
  );
}

async function checkSignature(
  check: EntryCheck,
  row: EventRow,
  hash: Uint8Array,
  keys: KeyHistory,
): Promise<void> {
  const key = check.run("agent_key_id", () => keys.keyOf(row));
  check.require(
    await holds(hash, row.agent_signature, key),
    "agent_signature",
    `it does not hold under ${toHex(key)}, key ${row.agent_key_id} of agent ${row.source_agent_id}`,
  );
}

async function checkReceipt(
  check: EntryCheck,
  row: EventRow,
  signed: Uint8Array,
  content: SignedContent,
  { receiptKey }: EventContext,
): Promise<void> {
  const key = receiptKey(row.receipt_key_id);
  if (key === undefined) return check.fault("receipt_key_id", `receipt key ${row.receipt_key_id} is unknown`);
  const { eventId, tenantId, storeId } = content;
  const hash = receiptHash({ eventId, tenantId, storeId, sequence: row.sequence, signingHash: signed });
  const message = check.run("sequenced_at", () =>
    receiptMessage(hash, row.sequenced_at, unsignedFields(content as VesEvent)),
  );
  check.require(
    await holds(message, row.receipt_signature, key),
    "receipt_signature",
    `it does not hold for this place and time under receipt key ${row.receipt_key_id}`,
  );
}

function checkPlace(
  check: EntryCheck,
  row: EventRow,
  { eventIds, commandIds, versions }: EventContext,
): void {
  const repeated = eventIds.get(row.event_id);
  check.require(repeated === undefined, "event_id", `event ${repeated} has it, too`);
  eventIds.set(row.event_id, row.sequence);
  if (row.command_id !== null) {
    const carriedOut = commandIds.get(row.command_id);
    check.require(carriedOut === undefined, "command_id", `event ${carriedOut} carried it out already`);
    commandIds.set(row.command_id, row.sequence);
  }
  const before = versions.get(entityName(row)) ?? 0n;
  check.require(
    row.entity_version === before + 1n,
    "entity_version",
    `expected ${before + 1n}, got ${row.entity_version}`,
  );
  versions.set(entityName(row), row.entity_version);
  if (row.base_version !== null)
    check.require(
      BigInt(row.base_version) === before,
      "base_version",
      `it was based on version ${row.base_version}, and its entity had ${before}`,
    );
}

async function checkPayload(
  { open, tenant, isArchived }: EventContext,
  check: EntryCheck,
  row: EventRow,
  content: SignedContent,
): Promise<{ state: PayloadState; event: VesEvent | undefined }> {
  if (row.payload.length === 0) {
    // No payload is empty as it comes in, and the registrar's own are never moved: everybody's keys rest on them.
    const moved = isArchived(row.sequence) && !row.event_type.startsWith("proofx.");
    check.require(moved, "payload", "it is empty, and no archive has it");
    return { state: "archived", event: undefined };
  }
  if (open === undefined) return { state: "unread", event: undefined };
  let bytes: Uint8Array;
  try {
    bytes = await open(
      { tenant, aad: check.run("payload", () => eventAad({ ...content, sequence: row.sequence })) },
      row.payload,
    );
  } catch (error) {
    if (error instanceof PayloadErased) {
      // Its agent was erased: the log holds without it. Another agent's destroyed key would be a way to destroy any payload.
      const own = error.agent === row.source_agent_id;
      check.require(own, "payload", `it bears the destroyed key of agent ${error.agent}`);
      return { state: "erased", event: undefined };
    }
    return check.run("payload", () => {
      throw error;
    });
  }
  const event = check.run("payload", () => eventOf(row, content, bytes));
  const expected = event.payloadKind === 0 ? plainHash(event.payload) : event.payloadPlainHash;
  check.require(
    equalBytes(expected, row.payload_plain_hash),
    "payload",
    `it hashes to ${toHex(expected)}, and ${toHex(row.payload_plain_hash)} was signed`,
  );
  const cipher =
    event.payloadKind === 0
      ? new Uint8Array(32)
      : cipherHash(event.payloadEncrypted, payloadAad(event, row.payload_plain_hash));
  check.require(
    equalBytes(cipher, row.payload_cipher_hash),
    event.payloadKind === 0 ? "payload_cipher_hash" : "payload",
    `expected ${toHex(cipher)}, and ${toHex(row.payload_cipher_hash)} was signed`,
  );
  return { state: "checked", event };
}

/** The whole event, its payload put back, as any reader of its JSON gets it. */
function eventOf(row: EventRow, content: SignedContent, bytes: Uint8Array): VesEvent {
  const payload = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Json;
  if (!equalBytes(canonicalJson("payload", payload), bytes))
    throw new SyntaxError("it is not in canonical form");
  const whole = {
    ...content,
    agentSignature: row.agent_signature,
    ...(content.payloadKind === 0 ? { payloadKind: 0 as const, payload } : { payloadKind: 1 as const }),
  };
  if (content.payloadKind === 0) return whole as VesEvent;
  return parseEvent(signedJson(row, { payload_encrypted: payload }));
}

async function holds(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): Promise<boolean> {
  if (signature.length !== 64) return false;
  return await verifySignature(message, signature, verifyingKey(publicKey));
}
