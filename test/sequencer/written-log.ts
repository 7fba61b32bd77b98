import { ed25519 } from "@noble/curves/ed25519.js";
import { toHex } from "../../src/core/bytes.ts";
import { canonicalJson, type Json } from "../../src/core/json.ts";
import {
  buildEvent,
  buildReceipt,
  type EventFields,
  type EventSigner,
  eventLeaf,
  proveAgentKey,
  signingHash,
  streamId,
} from "../../src/core/log/index.ts";
import type { Sql, SqlValue, Store } from "../../src/sequencer/store/index.ts";
import type { AgentKeyRow, EventRow, ServiceKeyRow } from "../../src/sequencer/verify/rows.ts";

export const LOG_NAME = "proofx.test";
export const REGISTRAR = "00000000-0000-4000-8000-00000000aaaa";
export const TENANT = "550e8400-e29b-41d4-a716-446655440000";

/** An Ed25519 key that a test holds in memory, the same for the same number. */
export function keyOf(n: number): EventSigner {
  const secret = new Uint8Array(32).fill(n);
  return { publicKey: ed25519.getPublicKey(secret), sign: async (hash) => ed25519.sign(hash, secret) };
}

export const SERVICE_KEYS = { registrar: keyOf(0xa1), receipt: keyOf(0xa2), checkpoint: keyOf(0xa3) };

export const serviceKeyRows = (): ServiceKeyRow[] =>
  Object.entries(SERVICE_KEYS).map(([purpose, { publicKey }]) => ({
    purpose,
    key_id: 1,
    public_key: publicKey,
  }));

/** A UUID that differs by number. */
export const uuid = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;

export interface Wanted {
  readonly agent?: string;
  readonly keyId?: number;
  readonly signer?: EventSigner;
  readonly fields?: Partial<EventFields>;
}

/**
 * Rows of a stream as the sequencer would have written them: really signed events, with receipts, from the opening on. Their
 * payloads are not sealed. For tests of what reads a log, so that they can also have what no sequencer would write.
 */
export class WrittenLog {
  readonly tenant: string;
  readonly store: string;
  readonly streamId: Uint8Array;
  readonly events: EventRow[] = [];
  readonly keys: AgentKeyRow[] = [];
  readonly #entities = new Map<string, bigint>();
  #written = 0;

  private constructor(tenant: string, store: string) {
    this.tenant = tenant;
    this.store = store;
    this.streamId = streamId(tenant, store);
  }

  /** A stream with its opening event. */
  static async open(store: string, tenant = TENANT): Promise<WrittenLog> {
    const log = new WrittenLog(tenant, store);
    const { registrar, receipt, checkpoint } = SERVICE_KEYS;
    const origin = `${LOG_NAME}/${toHex(log.streamId).slice(2)}`;
    await log.own("proofx.stream", toHex(log.streamId), "proofx.stream.opened", {
      registrar: { agent_id: REGISTRAR, key_id: 1, public_key: toHex(registrar.publicKey) },
      receipt_key: { key_id: 1, public_key: toHex(receipt.publicKey) },
      checkpoint_key: { origin, public_key: toHex(checkpoint.publicKey) },
    });
    return log;
  }

  /** An event of the log's own. */
  own(entityType: string, entityId: string, eventType: string, payload: Json): Promise<EventRow> {
    return this.append({
      agent: REGISTRAR,
      signer: SERVICE_KEYS.registrar,
      fields: { entityType, entityId, eventType, payloadKind: 0, payload },
    });
  }

  async register(agent: string, signer: EventSigner, keyId = 1): Promise<void> {
    const statement = { tenantId: this.tenant, storeId: this.store, agentId: agent, keyId };
    const row = await this.own("proofx.key", `${agent}/${keyId}`, "proofx.key.registered", {
      agent_id: agent,
      key_id: keyId,
      public_key: toHex(signer.publicKey),
      proof: toHex(await proveAgentKey(statement, signer)),
    });
    this.keys.push({
      agent_id: agent,
      key_id: BigInt(keyId),
      public_key: signer.publicKey,
      registered_at: row.sequence,
      revoked_at: null,
    });
  }

  async revoke(agent: string, keyId = 1): Promise<void> {
    const payload = { agent_id: agent, key_id: keyId, reason: "lost" };
    const row = await this.own("proofx.key", `${agent}/${keyId}`, "proofx.key.revoked", payload);
    const index = this.keys.findIndex((key) => key.agent_id === agent && key.key_id === BigInt(keyId));
    const key = this.keys[index];
    if (key !== undefined) this.keys[index] = { ...key, revoked_at: row.sequence };
  }

  /** An event of an agent's; by default a plain one of version 3. */
  async append({ agent = uuid(1), keyId = 1, signer = keyOf(1), fields = {} }: Wanted): Promise<EventRow> {
    const sequence = BigInt(this.events.length + 1);
    const event = await buildEvent(
      {
        vesVersion: 3,
        eventId: uuid(0xe00000 + this.events.length),
        tenantId: this.tenant,
        storeId: this.store,
        sourceAgentId: agent,
        agentKeyId: keyId,
        entityType: "order",
        entityId: String(sequence),
        eventType: "order.paid",
        createdAt: "2026-01-30T12:00:00Z",
        payloadKind: 0,
        payload: { order: String(sequence) },
        ...fields,
      } as EventFields,
      signer,
    );
    const entity = `${event.entityType} ${event.entityId}`;
    const version = (this.#entities.get(entity) ?? 0n) + 1n;
    this.#entities.set(entity, version);
    const sequencedAt = 1_769_774_400_000n + sequence;
    const receipt = await buildReceipt(
      { sequence, event },
      { sequencedAt, keyId: 1, signer: SERVICE_KEYS.receipt },
    );
    const row: EventRow = {
      tenant_id: this.tenant,
      store_id: this.store,
      sequence,
      event_id: event.eventId,
      ves_version: event.vesVersion,
      source_agent_id: event.sourceAgentId,
      agent_key_id: BigInt(event.agentKeyId),
      entity_type: event.entityType,
      entity_id: event.entityId,
      event_type: event.eventType,
      created_at: event.createdAt,
      command_id: event.commandId ?? null,
      base_version: event.baseVersion === undefined ? null : String(event.baseVersion),
      facts_commitment: event.factsCommitment ?? null,
      payload_kind: event.payloadKind,
      payload: canonicalJson("payload", event.payloadKind === 0 ? event.payload : null),
      payload_plain_hash: event.payloadPlainHash,
      payload_cipher_hash: event.payloadCipherHash,
      agent_signature: event.agentSignature,
      signing_hash: signingHash(event),
      leaf: eventLeaf({ sequence, event }),
      entity_version: version,
      sequenced_at: sequencedAt,
      receipt_key_id: 1,
      receipt_signature: receipt.receiptSignature,
    };
    this.events.push(row);
    return row;
  }

  /** Appends what is not in the database yet. */
  async write(store: Store): Promise<void> {
    if (this.#written === 0) {
      await store
        .as("keeper")
        .transaction(null, (sql) =>
          sql.query("INSERT INTO proofx.tenants VALUES ($1, 'name', 1) ON CONFLICT DO NOTHING", [
            this.tenant,
          ]),
        );
    }
    const rows = this.events.slice(this.#written);
    await store.as("app").transaction(this.tenant, async (sql) => {
      if (this.#written === 0)
        await sql.query("SELECT proofx.open_stream($1, $2, $3, 1)", [this.tenant, this.store, this.streamId]);
      await appendRows(sql, rows);
      for (const key of this.keys.filter(({ registered_at }) => registered_at > BigInt(this.#written)))
        await sql.query("SELECT proofx.register_agent_key($1, $2, $3, $4, $5, $6, NULL, NULL)", [
          ...[this.tenant, this.store, key.agent_id, key.key_id, key.public_key, key.registered_at],
        ]);
      for (const key of this.keys.filter(({ revoked_at }) => (revoked_at ?? 0n) > BigInt(this.#written)))
        await sql.query("SELECT proofx.revoke_agent_key($1, $2, $3, $4, $5)", [
          ...[this.tenant, this.store, key.agent_id, key.key_id, key.revoked_at],
        ]);
    });
    this.#written = this.events.length;
  }
}

async function appendRows(sql: Sql, rows: readonly EventRow[]): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const { tenant_id, store_id, sequence, ...columns } = first;
  const names = Object.keys(columns) as (keyof typeof columns)[];
  const values = names.map((name) => rows.map((row) => row[name])) as SqlValue[];
  const places = Array.from({ length: 3 + names.length }, (_, index) => `$${index + 1}`).join(", ");
  await sql.query(`SELECT proofx.append_events(${places})`, [tenant_id, store_id, sequence, ...values]);
}
