import { CheckError, InputError, RefusedError } from "../../core/errors.ts";
import type { KeyProvider } from "../../core/ports.ts";
import type { Database } from "../store/index.ts";
import { KeyChain, unwrapDataKey, wrapDataKey } from "./key-chain.ts";
import {
  currentTenantKey,
  type DataKeyRow,
  newestDataKey,
  newestTenantKeyId,
  one,
  type TenantKeyRow,
} from "./key-rows.ts";

/** Rows rewrapped in one transaction. */
const BATCH = 500;
/** Times to look for rows that other processes added meanwhile. */
const PASSES = 5;

/** What a rotation of a wrapping key did. */
export interface Rewrapped {
  /** What is in use now: the master key's name or the tenant key's number. */
  readonly to: string;
  readonly rewrapped: number;
  /** Keys still under an older one; 0 once it is done. */
  readonly left: number;
}

/** What erasing an agent did. */
export interface Erased {
  /** Data keys destroyed by this call; 0 when it was done before. */
  readonly destroyed: number;
  /** Events and proofs that nobody can open any more. */
  readonly records: number;
}

/** The keeper's work on keys: rotating a level rewraps the level below, erasing destroys data keys. */
export class Keeper {
  readonly #db: Database;
  readonly #masterKey: string;
  readonly #chain: KeyChain;
  readonly #now: () => number;

  /**
   * @param db As the keeper.
   * @param masterKey The one in use by the settings.
   */
  constructor(db: Database, keys: KeyProvider, masterKey: string, now: () => number = Date.now) {
    this.#db = db;
    this.#masterKey = masterKey;
    this.#chain = new KeyChain(db, keys, masterKey);
    this.#now = now;
  }

  /**
   * Rewraps every tenant key under the master key of the settings, one by one with compare-and-swap; again after a kill it goes on.
   *
   * @throws CheckError when an older master key does not open one of them.
   */
  async rotateMaster(): Promise<Rewrapped> {
    let rewrapped = 0;
    let left = await this.#underOtherMasters();
    for (let pass = 0; left.length > 0 && pass < PASSES; pass++) {
      for (const row of left) {
        const wrapped = await this.#chain.rewrapTenantKey(row.tenant_id, row, this.#masterKey);
        const swapped = await this.#db.transaction(null, (sql) =>
          sql.query(
            `UPDATE proofx.tenant_keys SET master_key = $3, wrapped = $4
             WHERE tenant_id = $1 AND key_id = $2 AND wrapped = $5 RETURNING key_id`,
            [row.tenant_id, row.key_id, this.#masterKey, wrapped, row.wrapped],
          ),
        );
        rewrapped += swapped.length;
      }
      left = await this.#underOtherMasters();
    }
    return { to: this.#masterKey, rewrapped, left: left.length };
  }

  /**
   * Makes a tenant's next key, rewraps its data keys under that with compare-and-swap, shows that none is left, and destroys the
   * older tenant keys. Again after a kill it goes on with the key it made.
   *
   * @throws InputError when there is no such tenant.
   */
  async rotateTenant(tenant: string): Promise<Rewrapped> {
    await this.#requireTenant(tenant);
    const newest = await newestTenantKeyId(this.#db, tenant);
    if (newest === 0n || !(await this.#isPending(tenant, newest)))
      await this.#chain.addTenantKey(tenant, newest, this.#now());
    const target = await currentTenantKey(this.#db, tenant);
    if (target === undefined) throw new CheckError(`tenant ${tenant} has no key in use`);
    await this.#retireBefore(tenant, target.key_id);
    let rewrapped = 0;
    let left = 0;
    for (let pass = 0; pass < PASSES; pass++) {
      rewrapped += await this.#rewrapDataKeys(tenant, target.key_id);
      left = await this.#finish(tenant, target.key_id);
      if (left === 0) break;
    }
    return { to: String(target.key_id), rewrapped, left };
  }

  /** Gives an agent its next data key; running services take it up when they look again. @returns its number and generation. */
  async rotateAgent(
    tenant: string,
    agent: string,
  ): Promise<{ readonly id: bigint; readonly generation: bigint }> {
    await this.#requireTenant(tenant);
    const newest = await newestDataKey(this.#db, tenant, agent);
    if (newest === undefined) throw noAgent(tenant, agent);
    const row = await this.#chain.addDataKey(tenant, agent, newest.generation, this.#now());
    return { id: row.data_key_id, generation: row.generation };
  }

  /**
   * Destroys an agent's data keys: its sealed payloads and proofs are gone for good, also in every copy of the rows.
   *
   * It waits for appends under way; the database refuses later ones that are sealed with a destroyed key.
   *
   * @throws RefusedError when the agent has records that are not sealed with its data keys, which would stay readable.
   */
  async erase(tenant: string, agent: string): Promise<Erased> {
    await this.#requireTenant(tenant);
    if ((await newestDataKey(this.#db, tenant, agent)) === undefined) throw noAgent(tenant, agent);
    return await this.#db.transaction(null, async (sql) => {
      const owner = [tenant, agent];
      await sql.query(
        "SELECT FROM proofx.data_keys WHERE tenant_id = $1 AND agent_id = $2 FOR UPDATE",
        owner,
      );
      const [counts] = await sql.query<{ sealed: bigint; open: bigint }>(COUNT_OF_AGENT, owner);
      if (counts === undefined || counts.open > 0n) throw notSealed(agent, counts?.open ?? 0n);
      const destroyed = await sql.query(
        `UPDATE proofx.data_keys SET wrapped = NULL, destroyed_at = $3
         WHERE tenant_id = $1 AND agent_id = $2 AND wrapped IS NOT NULL RETURNING data_key_id`,
        [tenant, agent, BigInt(this.#now())],
      );
      return { destroyed: destroyed.length, records: Number(counts.sealed) };
    });
  }

  async #requireTenant(tenant: string): Promise<void> {
    const row = await one(this.#db, null, "SELECT FROM proofx.tenants WHERE tenant_id = $1", [tenant]);
    if (row === undefined) {
      throw new InputError(`there is no tenant ${tenant}`, { next: "npx hardhat log keys list" });
    }
  }

  async #underOtherMasters(): Promise<(TenantKeyRow & { readonly tenant_id: string })[]> {
    return await this.#db.transaction(null, (sql) =>
      sql.query(
        `SELECT tenant_id, key_id, master_key, wrapped FROM proofx.tenant_keys
         WHERE master_key <> $1 AND length(wrapped) > 0 ORDER BY tenant_id, key_id`,
        [this.#masterKey],
      ),
    );
  }

  /** Whether a rotation to this key was begun and not finished. */
  async #isPending(tenant: string, newest: bigint): Promise<boolean> {
    const text = `SELECT FROM proofx.tenant_keys WHERE tenant_id = $1 AND key_id < $2 AND length(wrapped) > 0 LIMIT 1`;
    return (await one(this.#db, null, text, [tenant, newest])) !== undefined;
  }

  async #retireBefore(tenant: string, id: bigint): Promise<void> {
    await this.#db.transaction(null, (sql) =>
      sql.query(
        "UPDATE proofx.tenant_keys SET retired_at = $3 WHERE tenant_id = $1 AND key_id < $2 AND retired_at IS NULL",
        [tenant, id, BigInt(this.#now())],
      ),
    );
  }

  async #rewrapDataKeys(tenant: string, to: bigint): Promise<number> {
    const parent = await this.#chain.tenantKey(tenant, to);
    let rewrapped = 0;
    for (let after = 0n; ; ) {
      const rows = await this.#db.transaction(null, (sql) =>
        sql.query<DataKeyRow & { readonly wrapped: Uint8Array }>(
          `SELECT data_key_id, tenant_id, agent_id, generation, tenant_key_id, wrapped FROM proofx.data_keys
           WHERE tenant_id = $1 AND tenant_key_id < $2 AND wrapped IS NOT NULL AND data_key_id > $3
           ORDER BY data_key_id LIMIT ${BATCH}`,
          [tenant, to, after],
        ),
      );
      if (rows.length === 0) return rewrapped;
      const anew: Uint8Array[] = [];
      for (const row of rows) {
        const secret = unwrapDataKey(
          await this.#chain.tenantKey(tenant, row.tenant_key_id),
          row,
          row.wrapped,
        );
        anew.push(wrapDataKey(parent, row, secret));
        secret.fill(0);
      }
      const swapped = await this.#db.transaction(null, (sql) =>
        sql.query(
          `UPDATE proofx.data_keys k SET tenant_key_id = $1, wrapped = u.anew
           FROM unnest($2::bigint[], $3::bytea[], $4::bytea[]) AS u (id, old, anew)
           WHERE k.data_key_id = u.id AND k.wrapped = u.old RETURNING k.data_key_id`,
          [to, rows.map((row) => row.data_key_id), rows.map((row) => row.wrapped), anew],
        ),
      );
      rewrapped += swapped.length;
      after = rows.at(-1)?.data_key_id ?? after;
    }
  }

  /** Waits for whoever adds a data key, counts what is under older keys, and destroys those when there is nothing. */
  async #finish(tenant: string, to: bigint): Promise<number> {
    return await this.#db.transaction(null, async (sql) => {
      await sql.query("LOCK TABLE proofx.data_keys IN SHARE ROW EXCLUSIVE MODE");
      const [row] = await sql.query<{ n: bigint }>(
        `SELECT count(*) AS n FROM proofx.data_keys
         WHERE tenant_id = $1 AND tenant_key_id < $2 AND wrapped IS NOT NULL`,
        [tenant, to],
      );
      if (row?.n === 0n)
        await sql.query("UPDATE proofx.tenant_keys SET wrapped = '' WHERE tenant_id = $1 AND key_id < $2", [
          tenant,
          to,
        ]);
      return Number(row?.n ?? 0n);
    });
  }
}

/** An agent's records: those its data keys seal, and those they do not. */
const COUNT_OF_AGENT = `
  WITH keys AS (
    SELECT '\\x53534532'::bytea || int8send(data_key_id) AS prefix FROM proofx.data_keys
    WHERE tenant_id = $1 AND agent_id = $2
  ), records AS (
    SELECT substring(payload FROM 1 FOR 12) AS prefix FROM proofx.events 
    WHERE tenant_id = $1 AND source_agent_id = $2 AND length(payload) > 0
    UNION ALL
    SELECT substring(p.proof FROM 1 FOR 12) FROM proofx.compliance_proofs p
    JOIN proofx.events e USING (tenant_id, store_id, event_id) WHERE p.tenant_id = $1 AND e.source_agent_id = $2
  )
  SELECT count(k.prefix) AS sealed, count(*) - count(k.prefix) AS open FROM records r LEFT JOIN keys k USING (prefix)`;

function noAgent(tenant: string, agent: string): InputError {
  return new InputError(`agent ${agent} of tenant ${tenant} has no data key`, {
    next: "npx hardhat log keys list --tenant TENANT shows the agents that have one",
  });
}

function notSealed(agent: string, count: bigint): RefusedError {
  return new RefusedError(
    `${count} records of agent ${agent} are not sealed with its data keys, and would stay readable`,
    { next: "npx hardhat log reencrypt, then erase again" },
  );
}
