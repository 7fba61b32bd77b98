import { createSecretKey, randomBytes } from "node:crypto";
import { uint } from "../../core/bytes.ts";
import { CheckError } from "../../core/errors.ts";
import { taggedHash } from "../../core/hash.ts";
import type { KeyProvider } from "../../core/ports.ts";
import { uuidBytes } from "../../core/uuid.ts";
import { openKey, sealKey, WRAPPED_KEY_BYTES } from "../../keys/index.ts";
import type { Database } from "../store/index.ts";
import { BoundedCache } from "./cache.ts";
import {
  addDataKey,
  addTenantKey,
  currentTenantKey,
  type DataKeyRow,
  newestDataKey,
  newestTenantKeyId,
  type TenantKeyRow,
  tenantKey,
} from "./key-rows.ts";
import type { DataKey } from "./sse2.ts";

/** Tenant keys kept in memory. */
const TENANT_KEYS = 4096;
/** Times to look again when other processes make and retire keys at the same moment. */
const TRIES = 8;

/** A tenant key, opened. */
interface OpenTenantKey {
  readonly id: bigint;
  readonly key: Uint8Array;
}

/** What a data key's row says of whose it is. */
type DataKeyOwner = Pick<DataKeyRow, "tenant_id" | "agent_id" | "generation">;

/**
 * The chain of keys at rest: a master key of the KeyProvider wraps tenant keys, those wrap data keys. Whoever makes a key wraps it,
 * inserts it unless somebody was faster, and reads what is there then: so there is one, however many make it.
 */
export class KeyChain {
  readonly #db: Database;
  readonly #keys: KeyProvider;
  readonly #masterKey: string;
  readonly #tenantKeys = new BoundedCache<string, Promise<Uint8Array>>(TENANT_KEYS);

  /** @param masterKey Name of the aes-256 key that wraps new tenant keys. */
  constructor(db: Database, keys: KeyProvider, masterKey: string) {
    this.#db = db;
    this.#keys = keys;
    this.#masterKey = masterKey;
  }

  /** A new data key for an agent, or the one that another process made at the same time. */
  async addDataKey(tenant: string, agent: string, after: bigint, now: number): Promise<DataKeyRow> {
    for (let i = 0; i < TRIES; i++) {
      const parent = await this.currentTenantKey(tenant, now);
      const owner = { tenant_id: tenant, agent_id: agent, generation: after + 1n };
      const secret = randomBytes(WRAPPED_KEY_BYTES);
      const wrapped = wrapDataKey(parent, owner, secret);
      secret.fill(0);
      await addDataKey(this.#db, {
        ...owner,
        tenant_key_id: parent.id,
        wrapped,
        created_at: BigInt(now),
      });
      const newest = await newestDataKey(this.#db, tenant, agent);
      if (newest !== undefined && newest.generation > after) return newest;
    }
    throw new CheckError(
      `no data key could be made for agent ${agent}: its tenant's keys change all the time`,
    );
  }

  /** Opens a data key that was not destroyed. @throws CheckError when its wrapping does not hold. */
  async openDataKey(row: DataKeyRow & { readonly wrapped: Uint8Array }): Promise<DataKey> {
    const parent = await this.tenantKey(row.tenant_id, row.tenant_key_id);
    const secret = unwrapDataKey(parent, row, row.wrapped);
    const key = createSecretKey(secret);
    secret.fill(0);
    return { id: row.data_key_id, key };
  }

  /** The tenant's key for new data keys, made when there is none. */
  async currentTenantKey(tenant: string, now: number): Promise<OpenTenantKey> {
    for (let i = 0; i < TRIES; i++) {
      // In this order: a key that another process makes in between has the number we would take.
      const newest = await newestTenantKeyId(this.#db, tenant);
      const row = await currentTenantKey(this.#db, tenant);
      if (row !== undefined) return { id: row.key_id, key: await this.#open(tenant, row) };
      await this.addTenantKey(tenant, newest, now);
    }
    throw new CheckError(`no key could be made for tenant ${tenant}: its keys change all the time`);
  }

  /** Makes the tenant's key number `after + 1`, unless another process does. */
  async addTenantKey(tenant: string, after: bigint, now: number): Promise<void> {
    const id = after + 1n;
    const secret = randomBytes(WRAPPED_KEY_BYTES);
    const wrapped = await this.#keys.wrapKey(this.#masterKey, secret, tenantKeyAad(tenant, id));
    secret.fill(0);
    const row = { key_id: id, master_key: this.#masterKey, wrapped };
    await addTenantKey(this.#db, tenant, row, BigInt(now));
  }

  /** One of a tenant's keys, opened. */
  async tenantKey(tenant: string, id: bigint): Promise<OpenTenantKey> {
    const known = this.#tenantKeys.get(`${tenant} ${id}`);
    if (known !== undefined) return { id, key: await known };
    const row = await tenantKey(this.#db, tenant, id);
    if (row === undefined || row.wrapped.length === 0) {
      throw new CheckError(`key ${id} of tenant ${tenant} is not there any more, and a data key needs it`, {
        next: "restore the tables tenant_keys and data_keys from one backup",
      });
    }
    return { id, key: await this.#open(tenant, row) };
  }

  /** A tenant key under another master key. @throws CheckError when its own does not open it. */
  async rewrapTenantKey(tenant: string, row: TenantKeyRow, masterKey: string): Promise<Uint8Array> {
    const aad = tenantKeyAad(tenant, row.key_id);
    const secret = await this.#keys.unwrapKey(row.master_key, row.wrapped, aad);
    const wrapped = await this.#keys.wrapKey(masterKey, secret, aad);
    secret.fill(0);
    return wrapped;
  }

  #open(tenant: string, { key_id: id, master_key: master, wrapped }: TenantKeyRow): Promise<Uint8Array> {
    const name = `${tenant} ${id}`;
    const known = this.#tenantKeys.get(name);
    if (known !== undefined) return known;
    const opening = this.#keys.unwrapKey(master, wrapped, tenantKeyAad(tenant, id));
    this.#tenantKeys.set(name, opening);
    return opening.catch((error: unknown) => {
      this.#tenantKeys.delete(name);
      throw error;
    });
  }
}

/** Wraps a data key under its tenant's key. */
export function wrapDataKey(parent: OpenTenantKey, owner: DataKeyOwner, secret: Uint8Array): Uint8Array {
  return sealKey(parent.key, nameOf(parent), secret, dataKeyAad(owner));
}

/** Opens what `wrapDataKey` gave. @throws CheckError when it, its owner or the tenant's key is another. */
export function unwrapDataKey(parent: OpenTenantKey, owner: DataKeyOwner, wrapped: Uint8Array): Uint8Array {
  return openKey(parent.key, nameOf(parent), wrapped, dataKeyAad(owner));
}

function nameOf({ id }: OpenTenantKey): string {
  return `tenant-key-${id}`;
}

function tenantKeyAad(tenant: string, id: bigint): Uint8Array {
  return taggedHash("PROOFX_TENANT_KEY_V1", uuidBytes("tenant_id", tenant), uint("key_id", id, 8));
}

function dataKeyAad({ tenant_id: tenant, agent_id: agent, generation }: DataKeyOwner): Uint8Array {
  return taggedHash(
    "PROOFX_DATA_KEY_V1",
    uuidBytes("tenant_id", tenant),
    uuidBytes("agent_id", agent),
    uint("generation", generation, 8),
  );
}
