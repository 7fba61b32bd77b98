import { z } from "zod";
import { ProofXError, RefusedError } from "../../core/errors.ts";
import type { Database, Sql } from "../store/index.ts";
import { newestDataKey } from "./key-rows.ts";
import type { Keyring } from "./keyring.ts";
import {
  type Change,
  EVENTS,
  type Position,
  PROOFS,
  type RecordTable,
  type StoredRecord,
} from "./records.ts";
import { isSse1, openLegacyRecord } from "./sse1.ts";
import { dataKeyIdOf, isSse2, openRecord, sealRecord } from "./sse2.ts";

/** Name of the row in `keeper_jobs` that says how far a killed run came. */
const JOB = "reencrypt";
const TABLES: readonly RecordTable[] = [EVENTS, PROOFS];
/** Times through a table while services go on writing with keys that were the newest a moment ago. */
const PASSES = 3;
/** Records that are named when they cannot be opened. */
const NAMED = 20;

export interface ReencryptOptions {
  /** Keys of the older format, 32 bytes each, newest first. */
  readonly legacyKeys: readonly Uint8Array[];
  /** Opens everything and changes nothing. */
  readonly dryRun: boolean;
  /** Records a transaction; 200 unless told. */
  readonly batch?: number;
  /** After each batch, which is durable then. */
  readonly onBatch?: (done: number, total: number) => void;
}

/** What a run did to one table. */
export interface Reencrypted {
  readonly table: RecordTable["name"];
  readonly rows: number;
  /** Sealed anew by this run (a dry run: would be), by what they were before. */
  readonly changed: { readonly sse1: number; readonly plain: number; readonly olderKey: number };
  /** Whose data key was destroyed; they stay as they are. */
  readonly erased: number;
  /** That nothing opens: where, and why. At most 20 are named. */
  readonly failed: { readonly count: number; readonly first: readonly { where: string; reason: string }[] };
  /** Counted by the database at the end: rows that are not sealed with their agent's newest key. */
  readonly left: number;
}

type Kind = "sse1" | "plain" | "olderKey";
type Counts = { -readonly [K in Kind | "erased" | "failed" | "current"]: number };

const position = z.object({ table: z.enum(["events", "compliance_proofs"]), after: z.array(z.string()) });

/**
 * Seals every record that is not under its agent's newest data key with that: records of the format SSE1, plain ones, and those under
 * older data keys. Each batch is one transaction with the place it reached, so a killed run goes on there, and counts at the end.
 *
 * @param db As the keeper.
 * @param keyring The same database's.
 * @throws RefusedError when the settings seal nothing.
 */
export async function reencrypt(
  db: Database,
  keyring: Keyring,
  options: ReencryptOptions,
): Promise<Reencrypted[]> {
  if (keyring.mode === "disabled") {
    throw new RefusedError(
      "records are not sealed by these settings, so there is nothing to seal them with",
      {
        next: 'set [at_rest] mode = "optional", restart the services, and run this again',
      },
    );
  }
  const results: Reencrypted[] = [];
  const begun = options.dryRun ? undefined : await readPosition(db);
  for (const table of TABLES) {
    const run = new TableRun(db, keyring, table, options);
    const skip = begun?.table === "compliance_proofs" && table.name === "events";
    const after = begun?.table === table.name ? begun.after : undefined;
    for (let pass = 0; pass < PASSES; pass++) {
      if (!(skip && pass === 0)) await run.pass(pass === 0 ? after : undefined);
      if (options.dryRun || (await table.countLeft(db)) === 0n) break;
      if (pass > 0 && !run.changedSomething) break;
    }
    results.push(await run.result());
  }
  if (!options.dryRun)
    await db.transaction(null, (sql) => sql.query(`DELETE FROM proofx.keeper_jobs WHERE job = '${JOB}'`));
  return results;
}

/** One table's records, batch by batch. */
class TableRun {
  readonly #db: Database;
  readonly #keyring: Keyring;
  readonly #table: RecordTable;
  readonly #options: ReencryptOptions;
  readonly #counts: Counts = { sse1: 0, plain: 0, olderKey: 0, erased: 0, failed: 0, current: 0 };
  readonly #failed = new Map<string, string>();
  #changed = 0;
  /** For a dry run: numbers of the agents' newest data keys. */
  readonly #newest = new Map<string, bigint | undefined>();

  constructor(db: Database, keyring: Keyring, table: RecordTable, options: ReencryptOptions) {
    this.#db = db;
    this.#keyring = keyring;
    this.#table = table;
    this.#options = options;
  }

  /** Whether the last pass sealed any record anew. */
  get changedSomething(): boolean {
    return this.#changed > 0;
  }

  async pass(from: Position | undefined): Promise<void> {
    const { batch = 200, dryRun, onBatch } = this.#options;
    this.#changed = 0;
    this.#counts.erased = this.#counts.failed = 0;
    const total = Number(await this.#table.count(this.#db));
    let done = 0;
    for (let after = from; ; ) {
      const records = await this.#table.read(this.#db, after, batch);
      const last = records.at(-1);
      if (last === undefined) return;
      const changes = [];
      for (const record of records) changes.push(...(await this.#change(record)));
      if (!dryRun) await this.#write(changes, last.at);
      after = last.at;
      done += records.length;
      onBatch?.(Math.min(done, total), total);
    }
  }

  async result(): Promise<Reencrypted> {
    const { sse1, plain, olderKey, erased, failed } = this.#counts;
    const first = [...this.#failed].map(([where, reason]) => ({ where, reason }));
    return {
      table: this.#table.name,
      rows: Number(await this.#table.count(this.#db)),
      changed: { sse1, plain, olderKey },
      erased,
      failed: { count: failed, first },
      left: Number(await this.#table.countLeft(this.#db)),
    };
  }

  /** What takes a record's place; nothing when it stays. */
  async #change(record: StoredRecord): Promise<Change[]> {
    try {
      const opened = await this.#open(record);
      if (opened === undefined) return [];
      const target = this.#options.dryRun ? undefined : await this.#keyring.dataKeyFor(record);
      this.#counts[opened.kind] += 1;
      if (target === undefined) return [];
      return [{ record, sealed: sealRecord(target, record.aad, opened.plaintext) }];
    } catch (error) {
      if (!(error instanceof ProofXError)) throw error;
      if (error instanceof RefusedError) {
        this.#counts.erased += 1;
        return [];
      }
      this.#counts.failed += 1;
      if (this.#failed.size < NAMED) this.#failed.set(record.where, error.message);
      return [];
    }
  }

  async #open(record: StoredRecord): Promise<{ kind: Kind; plaintext: Uint8Array } | undefined> {
    const { sealed, aad, tenant } = record;
    if (isSse1(sealed))
      return { kind: "sse1", plaintext: openLegacyRecord(this.#options.legacyKeys, aad, sealed) };
    if (!isSse2(sealed)) return { kind: "plain", plaintext: sealed };
    // Destroyed or not comes first: an erased agent gets no new key for what is gone.
    const key = await this.#keyring.dataKeyById(tenant, dataKeyIdOf(sealed));
    if ((await this.#targetId(record)) === key.id) return undefined;
    return { kind: "olderKey", plaintext: openRecord(key, aad, sealed) };
  }

  /** The key to seal with; a dry run takes the one there is, and makes none. */
  async #targetId({ tenant, agent }: StoredRecord): Promise<bigint | undefined> {
    if (!this.#options.dryRun) return (await this.#keyring.dataKeyFor({ tenant, agent })).id;
    const name = `${tenant} ${agent}`;
    if (!this.#newest.has(name))
      this.#newest.set(name, (await newestDataKey(this.#db, tenant, agent))?.data_key_id);
    return this.#newest.get(name);
  }

  /** One transaction: the records, unless one of the keys was destroyed since they were read, and the place reached. */
  async #write(changes: readonly Change[], reached: Position): Promise<void> {
    await this.#db.transaction(null, async (sql) => {
      const held = await holdKeys(sql, changes);
      this.#changed += await this.#table.swap(
        sql,
        changes.filter(({ record, sealed }) =>
          [record.sealed, sealed].every((bytes) => !isSse2(bytes) || held.has(dataKeyIdOf(bytes))),
        ),
      );
      await sql.query(
        `INSERT INTO proofx.keeper_jobs (job, position, updated_at) VALUES ($1, $2::text::jsonb, $3)
         ON CONFLICT (job) DO UPDATE SET position = excluded.position, updated_at = excluded.updated_at`,
        [JOB, JSON.stringify({ table: this.#table.name, after: reached }), BigInt(Date.now())],
      );
    });
  }
}

/** The keys of both sides, held until the transaction ends; one that was destroyed meanwhile is not among them. */
async function holdKeys(sql: Sql, changes: readonly Change[]): Promise<Set<bigint>> {
  const sealed = changes.flatMap((change) => [change.record.sealed, change.sealed]).filter(isSse2);
  const ids = [...new Set(sealed.map(dataKeyIdOf))];
  if (ids.length === 0) return new Set();
  const rows = await sql.query<{ data_key_id: bigint }>(
    "SELECT data_key_id FROM proofx.data_keys WHERE data_key_id = ANY ($1::bigint[]) AND wrapped IS NOT NULL FOR KEY SHARE",
    [ids],
  );
  return new Set(rows.map((row) => row.data_key_id));
}

async function readPosition(db: Database): Promise<z.output<typeof position> | undefined> {
  const [row] = await db.transaction(null, (sql) =>
    sql.query<{ position: unknown }>("SELECT position FROM proofx.keeper_jobs WHERE job = $1", [JOB]),
  );
  const read = position.safeParse(row?.position);
  // A place that cannot be read costs a run from the beginning, and nothing else.
  return read.success ? read.data : undefined;
}
