import { readFileSync } from "node:fs";
import { ed25519 } from "@noble/curves/ed25519.js";
import { fromHex } from "../../../src/core/bytes.ts";
import type { Json } from "../../../src/core/json.ts";
import {
  buildEvent,
  type EventFields,
  type EventSigner,
  type VesEvent,
} from "../../../src/core/log/index.ts";

/** An event's known answers; see test/vectors/log/make.py. */
export interface EventVector {
  readonly name: string;
  readonly event: { readonly [field: string]: Json };
  readonly payload_aad: string;
  readonly signing_hash: string;
}

export interface BatchVector {
  readonly start: number;
  readonly end: number;
  readonly leaves: readonly string[];
  readonly batch_root: string;
  readonly facts_root: string;
  readonly log_root: string;
  readonly content_root: string;
  readonly state_root: string;
}

/** A log's signed checkpoint with one witness's cosignature. */
export interface CheckpointVector {
  readonly size: number;
  /** Of the cosignature. */
  readonly time: number;
  readonly note: string;
}

export interface Vectors {
  readonly agent_secret: string;
  readonly agent_public: string;
  readonly receipt_secret: string;
  readonly receipt_public: string;
  readonly checkpoint_secret: string;
  readonly witness_secret: string;
  readonly stream_id: string;
  readonly events: readonly EventVector[];
  readonly batches: readonly BatchVector[];
  readonly key_statement: {
    readonly tenant_id: string;
    readonly store_id: string;
    readonly agent_id: string;
    readonly key_id: number;
    readonly message: string;
    readonly proof: string;
  };
  readonly receipts: readonly { readonly [field: string]: Json }[];
  readonly checkpoints: {
    readonly origin: string;
    readonly vkey: string;
    readonly witness_vkey: string;
    readonly notes: readonly CheckpointVector[];
  };
}

export const VECTORS: Vectors = JSON.parse(
  readFileSync(new URL("../../vectors/log/vectors.json", import.meta.url), "utf8"),
);

export const AGENT_KEY = fromHex("agent_public", VECTORS.agent_public, 32);

/** The vectors' test key. */
export const AGENT: EventSigner = signerOf(fromHex("agent_secret", VECTORS.agent_secret, 32));

export function signerOf(secret: Uint8Array): EventSigner {
  return {
    publicKey: ed25519.getPublicKey(secret),
    sign: async (hash) => ed25519.sign(hash, secret),
  };
}

/** Bytes that differ by number. */
export function bytes32(n: number): Uint8Array {
  const bytes = new Uint8Array(32).fill(0x11);
  new DataView(bytes.buffer).setUint32(28, n);
  return bytes;
}

/** A UUID that differs by number. */
export function uuid(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
}

export const TENANT = uuid(0xaaaa);
export const STORE = uuid(0xbbbb);

/** A plain version 3 event of the test's stream. */
export function makeEvent(n: number, more: Partial<EventFields> = {}): Promise<VesEvent> {
  const fields = {
    vesVersion: 3,
    eventId: uuid(n),
    tenantId: TENANT,
    storeId: STORE,
    sourceAgentId: uuid(0xcccc),
    agentKeyId: 1,
    entityType: "order",
    entityId: String(n),
    eventType: "order.paid",
    createdAt: "2026-01-30T12:00:00Z",
    payloadKind: 0,
    payload: { order: n },
    ...more,
  } as EventFields;
  return buildEvent(fields, AGENT);
}

/** The element at `index`; a test that asks for one that is not there is wrong. */
export function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new RangeError(`no element ${index}`);
  return value;
}
