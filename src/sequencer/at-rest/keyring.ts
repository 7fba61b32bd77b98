import { CheckError, RefusedError } from "../../core/errors.ts";
import type { KeyProvider } from "../../core/ports.ts";
import type { Database } from "../store/index.ts";
import { BoundedCache } from "./cache.ts";
import { KeyChain } from "./key-chain.ts";
import { type DataKeyRow, dataKeyRow, newestDataKey } from "./key-rows.ts";
import type { AtRestSettings } from "./settings.ts";
import { isSse1 } from "./sse1.ts";
import { type DataKey, dataKeyIdOf, isSse2, openRecord, sealRecord } from "./sse2.ts";

const DAY_MS = 86_400_000;

/** Whose key seals. UUIDs. */
export interface Owner {
  readonly tenant: string;
  readonly agent: string;
}

/** What ingest and the readers need of what is kept at rest. */
export interface Sealer {
  /** Brings an agent's data key within reach, so that `seal` asks no database: it is called within a transaction. */
  prepare(owner: Owner): Promise<void>;
  /** Seals a record for its row. @param record `aad` is 32 bytes (`aad.ts`). */
  seal(record: Owner & { readonly aad: Uint8Array }, plaintext: Uint8Array): Promise<Uint8Array>;
  /** Opens a record. @throws RefusedError when its agent's payloads were erased; CheckError when it does not belong to its row. */
  open(
    record: { readonly tenant: string; readonly aad: Uint8Array },
    sealed: Uint8Array,
  ): Promise<Uint8Array>;
  /** Drops what is known of a tenant's data keys: after `DATA_KEY_DESTROYED`, or a change of them by this process. */
  forget(tenant: string): void;
}

/** SQLSTATE by which the database refuses a row that is sealed with a data key destroyed meanwhile: forget, prepare, seal anew. */
export const DATA_KEY_DESTROYED = "PX001";

interface Known {
  readonly row: DataKeyRow;
  readonly dataKey: DataKey;
  /** Milliseconds since 1970 of the last look into the database. */
  readonly checkedAt: number;
}

/**
 * An agent's data keys, found by their number and never by trial, with a bounded number of them in memory. One that was destroyed
 * is out of use in this process after `recheck_seconds` at the latest.
 */
export class Keyring implements Sealer {
  readonly #db: Database;
  readonly #settings: AtRestSettings;
  readonly #now: () => number;
  readonly #chain: KeyChain;
  /** By tenant and agent: the key to seal with. */
  readonly #writers: BoundedCache<string, Known>;
  /** By tenant and number. */
  readonly #readers: BoundedCache<string, Known>;
  readonly #preparing = new Map<string, Promise<Known>>();

  /** @param now Milliseconds since 1970. */
  constructor(db: Database, keys: KeyProvider, settings: AtRestSettings, now: () => number = Date.now) {
    this.#db = db;
    this.#settings = settings;
    this.#now = now;
    this.#chain = new KeyChain(db, keys, settings.master_key);
    this.#writers = new BoundedCache(settings.cached_keys);
    this.#readers = new BoundedCache(settings.cached_keys);
  }

  /** How strictly it seals. */
  get mode(): AtRestSettings["mode"] {
    return this.#settings.mode;
  }

  async prepare(owner: Owner): Promise<void> {
    if (this.#settings.mode !== "disabled" && this.#atHand(owner) === undefined)
      await this.#prepareOnce(owner);
  }

  async seal(record: Owner & { readonly aad: Uint8Array }, plaintext: Uint8Array): Promise<Uint8Array> {
    if (this.#settings.mode === "disabled") return plaintext;
    const { dataKey } = this.#writers.get(nameOf(record)) ?? (await this.#prepareOnce(record));
    return sealRecord(dataKey, record.aad, plaintext);
  }

  async open(
    { tenant, aad }: { readonly tenant: string; readonly aad: Uint8Array },
    sealed: Uint8Array,
  ): Promise<Uint8Array> {
    if (isSse2(sealed)) return openRecord(await this.dataKeyById(tenant, dataKeyIdOf(sealed)), aad, sealed);
    if (isSse1(sealed)) {
      throw new CheckError("sealed record: it is in the older format SSE1, which is not read here", {
        next: "npx hardhat log reencrypt --legacy-keys FILE",
      });
    }
    if (this.#settings.mode !== "required") return sealed;
    throw new CheckError("sealed record: expected one in the format SSE2, got one in plain", {
      next: 'npx hardhat log reencrypt seals it; until then set [at_rest] mode = "optional"',
    });
  }

  forget(tenant: string): void {
    // Rare, and the keys are read again in no time.
    for (const cache of [this.#writers, this.#readers])
      cache.deleteWhere((name) => name.startsWith(`${tenant} `));
  }

  /** The key that an agent's records are sealed with now. */
  async dataKeyFor(owner: Owner): Promise<DataKey> {
    return (this.#atHand(owner) ?? (await this.#prepareOnce(owner))).dataKey;
  }

  #atHand(owner: Owner): Known | undefined {
    const known = this.#writers.get(nameOf(owner));
    return known !== undefined && this.#isFresh(known) ? known : undefined;
  }

  /** A data key by its number. @throws RefusedError when it was destroyed; CheckError when the tenant has none with that number. */
  async dataKeyById(tenant: string, id: bigint): Promise<DataKey> {
    const name = `${tenant} ${id}`;
    const known = this.#readers.get(name);
    if (known !== undefined && this.#isFresh(known)) return known.dataKey;
    const row = await dataKeyRow(this.#db, tenant, id);
    if (row === undefined) {
      throw new CheckError(`sealed record: its data key ${id} is none of tenant ${tenant}'s`, {
        next: "restore the row from a backup; if whole tables were restored, restore data_keys with them",
      });
    }
    return (await this.#remember(row, known)).dataKey;
  }

  /** Callers that come together wait for the same key. */
  #prepareOnce(owner: Owner): Promise<Known> {
    const name = nameOf(owner);
    const under = this.#preparing.get(name);
    if (under !== undefined) return under;
    const preparing = this.#prepare(owner).finally(() => this.#preparing.delete(name));
    this.#preparing.set(name, preparing);
    return preparing;
  }

  async #prepare({ tenant, agent }: Owner): Promise<Known> {
    const name = nameOf({ tenant, agent });
    const newest = await newestDataKey(this.#db, tenant, agent);
    const row =
      newest !== undefined && this.#isCurrent(newest)
        ? newest
        : await this.#chain.addDataKey(tenant, agent, newest?.generation ?? 0n, this.#now());
    const known = await this.#remember(row, this.#writers.get(name));
    this.#writers.set(name, known);
    return known;
  }

  #isCurrent(row: DataKeyRow): boolean {
    if (row.wrapped === null) return false;
    return this.#now() - Number(row.created_at) < this.#settings.rotate_after_days * DAY_MS;
  }

  /** @throws RefusedError when the key was destroyed. */
  async #remember(row: DataKeyRow, known: Known | undefined): Promise<Known> {
    const { data_key_id: id, tenant_id: tenant, agent_id: agent, wrapped } = row;
    const name = `${tenant} ${id}`;
    if (wrapped === null) {
      this.#readers.delete(name);
      throw new PayloadErased(agent);
    }
    // Wrapped anew or not, the number stands for the same key.
    const same = known?.row.data_key_id === id ? known.dataKey : undefined;
    const dataKey = same ?? (await this.#openDataKey({ ...row, wrapped }));
    const entry = { row, dataKey, checkedAt: this.#now() };
    this.#readers.set(name, entry);
    return entry;
  }

  /** Between reading a row and its tenant's key, that key may have been replaced and destroyed: then the row is another by now. */
  async #openDataKey(row: DataKeyRow & { readonly wrapped: Uint8Array }): Promise<DataKey> {
    try {
      return await this.#chain.openDataKey(row);
    } catch (error) {
      const { wrapped, ...now } = (await dataKeyRow(this.#db, row.tenant_id, row.data_key_id)) ?? row;
      if (wrapped === null || now.tenant_key_id === row.tenant_key_id) throw error;
      return await this.#chain.openDataKey({ ...now, wrapped });
    }
  }

  #isFresh({ checkedAt }: Known): boolean {
    // A clock that was set back makes nothing fresh.
    const age = this.#now() - checkedAt;
    return age >= 0 && age < 1000 * this.#settings.recheck_seconds;
  }
}

/** That a payload is gone for good, as its owner wanted. */
export class PayloadErased extends RefusedError {
  /** Whose data key it was sealed with; UUID. */
  readonly agent: string;

  constructor(agent: string) {
    super(`payload erased: the data key of agent ${agent} was destroyed`, {
      next: "nothing brings it back; the event's place, hashes and signature still verify",
    });
    this.agent = agent;
  }
}

function nameOf({ tenant, agent }: Owner): string {
  return `${tenant} ${agent}`;
}
