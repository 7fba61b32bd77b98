import { equalBytes, toHex } from "../../core/bytes.ts";
import { sumOfEach } from "../../core/each.ts";
import { CheckError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { verifyAgentKeyProof } from "../../core/log/index.ts";
import { findIdentity } from "../identity/identity.ts";
import type { Ingest, OwnDraft } from "../ingest/index.ts";
import { Refusal } from "../ingest/refusal.ts";
import { type Database, type Sql, violated } from "../store/index.ts";
import { type AgentKeyRow, agentKeys, keyEntity } from "./key-rows.ts";
import { requireSoundKey } from "./public-key.ts";

/** A stream, by its tenant and store; UUIDs. */
export interface StreamReference {
  readonly tenant: string;
  readonly store: string;
}

/** A key that an agent wants to sign with in one stream. */
export interface KeyRegistration extends StreamReference {
  readonly agent: string;
  /** The one after the agent's last, from 1. */
  readonly keyId: number;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** By the key itself, over `agentKeyMessage`; 64 bytes. */
  readonly proof: Uint8Array;
  /** The agent's key whose place it takes. */
  readonly replaces?: number | undefined;
  /** How long the old key is good beside the new one, seconds; by default a day. */
  readonly overlapSeconds?: number | undefined;
}

/** Which key of which agent in which stream. */
export interface KeyPlace extends StreamReference {
  readonly agent: string;
  readonly keyId: number;
}

export interface AgentsParts {
  /** Of the role `app`. */
  readonly database: Database;
  readonly ingest: Ingest;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

const DEFAULT_OVERLAP = 86_400;
const MOST_OVERLAP = 90 * 86_400;
const MOST_REASON = 500;

/** Agents' keys: who may sign in a stream, from which place in it to which. Every change is an event of the stream. */
export class Agents {
  readonly #database: Database;
  readonly #ingest: Ingest;
  readonly #now: () => number;

  constructor({ database, ingest, now = Date.now }: AgentsParts) {
    this.#database = database;
    this.#ingest = ingest;
    this.#now = now;
  }

  /**
   * Registers a key; it signs for events after the one that says so. The same registration again changes nothing.
   *
   * @throws Refusal `key-malformed`, `signature-invalid` for a proof that does not hold, `key-conflict`, `key-unknown` for a key
   *   to replace that is not in use, `stream-unknown`.
   */
  async register(registration: KeyRegistration): Promise<AgentKeyRow> {
    requireWellFormed(registration);
    requireSoundKey(registration.publicKey);
    requireProof(registration);
    const { tenant, store, agent, keyId } = registration;
    const known = await this.#find(registration);
    if (known !== undefined) return requireSameKey(known, registration);
    try {
      await this.#ingest.appendOwn(tenant, store, registeredDraft(registration), (sql, sequence) =>
        this.#insert(sql, registration, sequence),
      );
    } catch (error) {
      const meanwhile = await this.#find(registration);
      if (meanwhile !== undefined) return requireSameKey(meanwhile, registration);
      if (violated(error) !== "agent_keys_public") throw error;
      throw new Refusal(
        "key-conflict",
        "this public key is another agent's or another number's in this stream",
        {
          pointer: "/public_key",
          cause: error,
        },
      );
    }
    return existing(await this.#find(registration), agent, keyId);
  }

  /** Revokes a key for good: no event after this place in the stream can bear it. A repeat changes nothing. @throws Refusal */
  async revoke({ reason, ...place }: KeyPlace & { readonly reason: string }): Promise<AgentKeyRow> {
    if (reason.length > MOST_REASON || !reason.isWellFormed()) {
      const detail = `reason: expected at most ${MOST_REASON} characters`;
      throw new Refusal("event-malformed", detail, { pointer: "/reason" });
    }
    const { tenant, store, agent, keyId } = place;
    const key = existing(await this.#find(place), agent, keyId);
    if (key.revokedAt !== null) return key;
    try {
      await this.#ingest.appendOwn(tenant, store, revokedDraft(place, reason), async (sql, sequence) => {
        await sql.query("SELECT proofx.revoke_agent_key($1, $2, $3, $4, $5)", [
          tenant,
          store,
          agent,
          keyId,
          sequence,
        ]);
      });
    } catch (error) {
      const meanwhile = await this.#find(place);
      if (meanwhile === undefined || meanwhile.revokedAt === null) throw error;
      return meanwhile;
    }
    return existing(await this.#find(place), agent, keyId);
  }

  /** Keys of an agent, or of all agents of a stream, by agent and id. */
  async list({
    tenant,
    store,
    agent,
  }: StreamReference & { readonly agent?: string }): Promise<AgentKeyRow[]> {
    return await this.#database.transaction(tenant, (sql) => agentKeys(sql, tenant, store, agent));
  }

  /**
   * Revokes keys whose time of overlap is over. They are refused from that time on anyway; this puts it on record.
   *
   * @param keeper Sees all tenants.
   * @returns How many were revoked.
   * @throws What the first key that could not be revoked failed on, after the others were.
   */
  async sweep(keeper: Database): Promise<number> {
    const due = await keeper.transaction(null, (sql) =>
      sql.query<{
        tenant_id: string;
        store_id: string;
        agent_id: string;
        key_id: bigint;
        replaced_by: bigint;
      }>(
        `SELECT tenant_id, store_id, agent_id, key_id, replaced_by FROM proofx.agent_keys
         WHERE revoked_at IS NULL AND retire_after <= $1 ORDER BY retire_after LIMIT 1000`,
        [BigInt(this.#now())],
      ),
    );
    return await sumOfEach(due, async (row) => {
      await this.revoke({
        tenant: row.tenant_id,
        store: row.store_id,
        agent: row.agent_id,
        keyId: Number(row.key_id),
        reason: `replaced by key ${row.replaced_by}`,
      });
      return 1;
    });
  }

  async #find({ tenant, store, agent, keyId }: KeyPlace): Promise<AgentKeyRow | undefined> {
    const keys = await this.list({ tenant, store, agent });
    return keys.find((key) => key.keyId === keyId);
  }

  async #insert(sql: Sql, registration: KeyRegistration, sequence: bigint): Promise<void> {
    const { tenant, store, agent, keyId, publicKey, replaces, overlapSeconds } = registration;
    if ((await findIdentity(sql))?.registrarId === agent) {
      throw new Refusal("key-malformed", "agent_id: the registrar's keys are the log's own", {
        pointer: "/agent",
      });
    }
    const keys = await agentKeys(sql, tenant, store, agent);
    const next = (keys.at(-1)?.keyId ?? 0) + 1;
    if (keyId !== next) {
      throw new Refusal("key-conflict", `key_id: expected ${next}, the agent's next, got ${keyId}`, {
        pointer: "/key_id",
      });
    }
    if (replaces !== undefined) requireReplaceable(keys, replaces);
    const retireAfter =
      replaces === undefined ? null : BigInt(this.#now() + 1000 * (overlapSeconds ?? DEFAULT_OVERLAP));
    await sql.query("SELECT proofx.register_agent_key($1, $2, $3, $4, $5, $6, $7, $8)", [
      tenant,
      store,
      agent,
      keyId,
      publicKey,
      sequence,
      replaces ?? null,
      retireAfter,
    ]);
  }
}

function requireWellFormed({ keyId, replaces, overlapSeconds, publicKey, proof }: KeyRegistration): void {
  const fault = (pointer: string, detail: string) => new Refusal("key-malformed", detail, { pointer });
  if (!Number.isInteger(keyId) || keyId < 1) throw fault("/key_id", "key_id: expected an integer from 1");
  if (publicKey.length !== 32) throw fault("/public_key", "public_key: expected 32 bytes");
  if (proof.length !== 64) throw fault("/proof", "proof: expected 64 bytes");
  if (overlapSeconds === undefined) return;
  if (replaces === undefined) throw fault("/overlap_seconds", "overlap_seconds: expected replaces beside it");
  if (Number.isInteger(overlapSeconds) && overlapSeconds >= 0 && overlapSeconds <= MOST_OVERLAP) return;
  throw fault("/overlap_seconds", `overlap_seconds: expected an integer from 0 to ${MOST_OVERLAP}`);
}

function requireProof({ tenant, store, agent, keyId, publicKey, proof }: KeyRegistration): void {
  try {
    verifyAgentKeyProof({ tenantId: tenant, storeId: store, agentId: agent, keyId, publicKey }, proof);
  } catch (cause) {
    if (!(cause instanceof CheckError)) throw cause;
    throw new Refusal("signature-invalid", "proof is not that key's over this registration", {
      pointer: "/proof",
      cause,
    });
  }
}

function requireReplaceable(keys: readonly AgentKeyRow[], replaces: number): void {
  const old = keys.find(({ keyId }) => keyId === replaces);
  if (old !== undefined && old.revokedAt === null && old.replacedBy === null) return;
  throw new Refusal("key-unknown", `replaces: key ${replaces} is not in use`, { pointer: "/replaces" });
}

/** @throws Refusal when the number is taken by another key. */
function requireSameKey(known: AgentKeyRow, { publicKey, keyId }: KeyRegistration): AgentKeyRow {
  if (equalBytes(known.publicKey, publicKey)) return known;
  throw new Refusal("key-conflict", `the agent has another key ${keyId}`, { pointer: "/key_id" });
}

function existing(key: AgentKeyRow | undefined, agent: string, keyId: number): AgentKeyRow {
  if (key !== undefined) return key;
  throw new Refusal("key-unknown", `agent ${agent} has no key ${keyId} in this stream`, {
    pointer: "/key_id",
  });
}

function registeredDraft({
  agent,
  keyId,
  publicKey,
  proof,
  replaces,
  overlapSeconds,
}: KeyRegistration): OwnDraft {
  const rotation: Record<string, Json> =
    replaces === undefined ? {} : { replaces, overlap_seconds: overlapSeconds ?? DEFAULT_OVERLAP };
  const payload = {
    agent_id: agent,
    key_id: keyId,
    public_key: toHex(publicKey),
    proof: toHex(proof),
    ...rotation,
  };
  return {
    entityType: "proofx.key",
    entityId: keyEntity(agent, keyId),
    eventType: "proofx.key.registered",
    payload,
  };
}

function revokedDraft({ agent, keyId }: KeyPlace, reason: string): OwnDraft {
  const payload = { agent_id: agent, key_id: keyId, reason };
  return {
    entityType: "proofx.key",
    entityId: keyEntity(agent, keyId),
    eventType: "proofx.key.revoked",
    payload,
  };
}
