import { nativeEd25519, type VerifyMessage } from "../../keys/index.ts";
import type { Database, Sql } from "../store/index.ts";

/** An agent's key in one stream, as of an epoch of that stream's keys. */
export interface AgentKey {
  /** 32 bytes; the same for good. */
  readonly publicKey: Uint8Array;
  readonly verifies: VerifyMessage;
  /** Sequence numbers of the events that say so; the key is good between them. */
  readonly registeredAt: bigint;
  readonly revokedAt: bigint | null;
  /** Milliseconds since the epoch from which it is not used any more, since another takes its place. */
  readonly retireAfter: bigint | null;
  readonly epoch: bigint;
}

/** Which agent's key; `agent` is a UUID. */
export interface KeyReference {
  readonly agent: string;
  readonly keyId: number;
}

interface Row {
  readonly agent_id: string;
  readonly key_id: bigint;
  readonly public_key: Uint8Array;
  readonly registered_at: bigint;
  readonly revoked_at: bigint | null;
  readonly retire_after: bigint | null;
  readonly key_epoch: bigint;
}

const QUERY = `
  SELECT k.agent_id, k.key_id, k.public_key, k.registered_at, k.revoked_at, k.retire_after, s.key_epoch
  FROM unnest($3::uuid[], $4::bigint[]) AS w (agent_id, key_id)
  JOIN proofx.agent_keys k ON k.tenant_id = $1 AND k.store_id = $2 AND k.agent_id = w.agent_id AND k.key_id = w.key_id
  JOIN proofx.streams s ON s.tenant_id = $1 AND s.store_id = $2`;

const MOST = 20_000;

/**
 * Agents' keys of all streams, at hand for verifying. What a key's row says may be out of date here, its public key never is:
 * whoever appends reads the rest anew when the stream's epoch moved.
 */
export class KnownKeys {
  readonly #database: Database;
  readonly #keys = new Map<string, AgentKey>();
  readonly #loading = new Map<string, Promise<AgentKey | undefined>>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** A key by its reference, from memory or the database; undefined when the stream has none. */
  async find(tenant: string, store: string, reference: KeyReference): Promise<AgentKey | undefined> {
    const id = idOf(tenant, store, reference);
    const known = this.#keys.get(id);
    if (known !== undefined) return known;
    const load = async (): Promise<AgentKey | undefined> => {
      try {
        await this.#database.transaction(tenant, (sql) => this.read(sql, tenant, store, [reference]));
        return this.#keys.get(id);
      } finally {
        this.#loading.delete(id);
      }
    };
    const loading = this.#loading.get(id) ?? load();
    this.#loading.set(id, loading);
    return loading;
  }

  /** What is known of a key in this epoch of its stream. */
  current(tenant: string, store: string, reference: KeyReference, epoch: bigint): AgentKey | undefined {
    const key = this.#keys.get(idOf(tenant, store, reference));
    return key?.epoch === epoch ? key : undefined;
  }

  /** Reads keys anew. */
  async read(sql: Sql, tenant: string, store: string, references: readonly KeyReference[]): Promise<void> {
    const rows = await sql.query<Row>(QUERY, [
      tenant,
      store,
      references.map(({ agent }) => agent),
      references.map(({ keyId }) => keyId),
    ]);
    for (const row of rows) this.#keep(tenant, store, row);
  }

  #keep(tenant: string, store: string, row: Row): void {
    const id = idOf(tenant, store, { agent: row.agent_id, keyId: Number(row.key_id) });
    const known = this.#keys.get(id);
    const publicKey = Uint8Array.from(row.public_key);
    this.#keys.delete(id);
    this.#keys.set(id, {
      publicKey,
      verifies: known?.verifies ?? nativeEd25519().verifier(publicKey),
      registeredAt: row.registered_at,
      revokedAt: row.revoked_at,
      retireAfter: row.retire_after,
      epoch: row.key_epoch,
    });
    if (this.#keys.size <= MOST) return;
    const [oldest] = this.#keys.keys();
    if (oldest !== undefined) this.#keys.delete(oldest);
  }
}

function idOf(tenant: string, store: string, { agent, keyId }: KeyReference): string {
  return `${tenant}/${store}/${agent}/${keyId}`;
}
