import { equalBytes, toHex } from "../../core/bytes.ts";
import { InputError } from "../../core/errors.ts";
import { taggedHash } from "../../core/hash.ts";
import { canonicalJson } from "../../core/json.ts";
import {
  cipherHash,
  eventToJson,
  parseEvent,
  payloadAad,
  signingHash,
  type VesEvent,
} from "../../core/log/index.ts";
import { checkFacts } from "./facts.ts";
import type { Caller, IngestLimits } from "./ports.ts";
import { Refusal } from "./refusal.ts";

/** An event that holds by itself: all that can be said without the stream's state and the agent's key. */
export interface CheckedEvent {
  readonly event: VesEvent;
  /** 32 bytes. */
  readonly signingHash: Uint8Array;
  /** JCS of the payload, or of the encrypted payload: what is kept, sealed. */
  readonly content: Uint8Array;
}

/** How far an event may be dated ahead, as clocks differ; milliseconds. */
const AHEAD = 3_600_000;
/** Bytes of UTF-8; names are index keys, and those have a limit. */
const NAME_BYTES = { entityType: 256, entityId: 1024, eventType: 256, createdAt: 64 } as const;
const FIELD = {
  entityType: "entity_type",
  entityId: "entity_id",
  eventType: "event_type",
  createdAt: "created_at",
};
const NO_CIPHER = new Uint8Array(32);

/**
 * Reads an event and holds it to every rule that needs no key and no database.
 *
 * @param now Milliseconds since the epoch.
 * @throws Refusal
 */
export function checkEvent(
  caller: Caller,
  storeId: string,
  json: unknown,
  { now, limits }: { readonly now: number; readonly limits: IngestLimits },
): CheckedEvent {
  const event = read(json);
  requirePlace(event, caller, storeId);
  requireNames(event);
  if (Date.parse(event.createdAt) > now + AHEAD) {
    throw new Refusal("created-at-in-future", `created_at is more than an hour ahead: ${event.createdAt}`, {
      pointer: "/created_at",
    });
  }
  const content = checkPayload(event, limits);
  checkFacts(event);
  return { event, signingHash: signingHash(event), content };
}

function read(json: unknown): VesEvent {
  try {
    return parseEvent(json);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new Refusal("event-malformed", cause.message, { cause, ...pointerOf(cause.message) });
  }
}

/** `$.a.b[1]: expected ...` as a JSON pointer; field names of an event have neither dots nor slashes. */
function pointerOf(message: string): { pointer?: string } {
  const path = /^\$([\w.[\]]*): /.exec(message)?.[1];
  return path === undefined ? {} : { pointer: path.replaceAll(/\.|\[/g, "/").replaceAll("]", "") };
}

function requirePlace(event: VesEvent, { tenant, agentId }: Caller, storeId: string): void {
  if (event.tenantId !== tenant) {
    throw new Refusal("wrong-tenant", "tenant_id is not the credential's tenant", { pointer: "/tenant_id" });
  }
  if (event.storeId !== storeId) {
    throw new Refusal("wrong-stream", "store_id is not the store it was sent to", { pointer: "/store_id" });
  }
  if (agentId !== undefined && event.sourceAgentId !== agentId) {
    throw new Refusal("wrong-agent", "source_agent_id is not the agent that the credential is for", {
      pointer: "/source_agent_id",
    });
  }
}

function requireNames(event: VesEvent): void {
  for (const field of ["entityType", "entityId", "eventType", "createdAt"] as const) {
    requireName(field, event[field]);
  }
}

/** @throws Refusal unless a text can be this field of an agent's event. */
export function requireName(field: keyof typeof FIELD, text: string): void {
  const pointer = `/${FIELD[field]}`;
  if (text === "" || text.includes("\0") || Buffer.byteLength(text) > NAME_BYTES[field]) {
    const detail = `${FIELD[field]}: expected 1 to ${NAME_BYTES[field]} bytes of text without U+0000`;
    throw new Refusal("event-malformed", detail, { pointer });
  }
  const reserved = field === "entityType" || field === "eventType";
  if (!reserved || !text.startsWith("proofx.")) return;
  const detail = `${FIELD[field]} begins with "proofx.", which the log keeps for its own events`;
  throw new Refusal("reserved-type", detail, { pointer });
}

/** @returns the canonical bytes that are kept. */
function checkPayload(event: VesEvent, { payloadBytes }: IngestLimits): Uint8Array {
  const content =
    event.payloadKind === 0
      ? canonicalJson("payload", event.payload)
      : canonicalJson("payload_encrypted", eventToJson(event).payload_encrypted ?? null);
  if (content.length > payloadBytes) {
    const detail = `the payload has ${content.length} bytes, at most ${payloadBytes} are taken`;
    throw new Refusal("payload-too-large", detail);
  }
  if (event.payloadKind === 0) {
    requireHash("payload_plain_hash", taggedHash("VES_PAYLOAD_PLAIN_V1", content), event.payloadPlainHash);
    requireHash("payload_cipher_hash", NO_CIPHER, event.payloadCipherHash);
  } else {
    const expected = cipherHash(event.payloadEncrypted, payloadAad(event, event.payloadPlainHash));
    requireHash("payload_cipher_hash", expected, event.payloadCipherHash);
  }
  return content;
}

function requireHash(field: string, expected: Uint8Array, got: Uint8Array): void {
  if (equalBytes(expected, got)) return;
  throw new Refusal(
    "payload-hash-mismatch",
    `${field}: the payload gives ${toHex(expected)}, got ${toHex(got)}`,
    {
      pointer: `/${field}`,
    },
  );
}
