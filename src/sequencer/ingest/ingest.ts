import type { LogIdentity } from "../identity/identity.ts";
import type { ServiceSigners } from "../identity/signers.ts";
import { TenantSchemas } from "../schemas/tenant-schemas.ts";
import type { Database, Sql } from "../store/index.ts";
import { checkEvent } from "./check.ts";
import { refusalOf } from "./faults.ts";
import { GroupCommit } from "./group-commit.ts";
import { KnownKeys } from "./known-keys.ts";
import { createStream, openedDraft } from "./open-stream.ts";
import { ownEvent, placeOwn } from "./own.ts";
import { keyUnknown } from "./place.ts";
import { type Entry, type GroupContext, placeGroup } from "./place-group.ts";
import {
  type Accepted,
  type AppendOwn,
  type Caller,
  type Effect,
  INGEST_LIMITS,
  type Ingest,
  type IngestLimits,
  type OwnDraft,
  type RecordSealer,
} from "./ports.ts";
import { Refusal } from "./refusal.ts";
import type { SchemaJudge } from "./schema-judge.ts";
import { verifySignature } from "./signature.ts";
import { lockStream } from "./stream-state.ts";

export interface IngestParts {
  /** Of the role `app`. */
  readonly database: Database;
  readonly sealer: RecordSealer;
  readonly signers: ServiceSigners;
  readonly identity: LogIdentity;
  readonly limits?: Partial<IngestLimits>;
  /** Milliseconds since the epoch; by default the system's clock. */
  readonly now?: () => number;
}

/** How long a process goes on signing receipts with a key that another one has replaced; milliseconds. */
const KEYS_FRESH_FOR = 30_000;

/** The way into the log for one process; several may share a PostgreSQL. */
export function createIngest(parts: IngestParts): Ingest {
  return new StreamIngest(parts);
}

class StreamIngest implements Ingest {
  readonly #database: Database;
  readonly #sealer: RecordSealer;
  readonly #signers: ServiceSigners;
  readonly #identity: LogIdentity;
  readonly #limits: IngestLimits;
  readonly #now: () => number;
  readonly #keys: KnownKeys;
  readonly #schemas: SchemaJudge;
  readonly #groups: GroupCommit;
  #underWay = { events: 0, bytes: 0 };
  #keysReadAt: number;
  #closed = false;

  constructor({ database, sealer, signers, identity, limits, now = Date.now }: IngestParts) {
    this.#database = database;
    this.#sealer = sealer;
    this.#signers = signers;
    this.#identity = identity;
    this.#limits = { ...INGEST_LIMITS, ...limits };
    this.#now = now;
    this.#keysReadAt = now();
    this.#keys = new KnownKeys(database);
    this.#schemas = new TenantSchemas(database);
    this.#groups = new GroupCommit(
      { database, limits: this.#limits },
      {
        place: async (sql, stream, entries) => placeGroup(sql, stream, entries, await this.#context(sql)),
        reseal: (tenant, agents) => this.#reseal(tenant, agents),
      },
    );
  }

  async submit(caller: Caller, storeId: string, json: unknown): Promise<Accepted> {
    this.#requireRoom();
    const { now, limits } = { now: this.#now(), limits: this.#limits };
    const checked = checkEvent(caller, storeId, json, { now, limits });
    const size = checked.content.length;
    this.#underWay.events += 1;
    this.#underWay.bytes += size;
    try {
      const { event } = checked;
      await this.#requireSignature(checked);
      const verdict = await this.#schemas.judge(event);
      await this.#sealer.prepare({ tenant: event.tenantId, agent: event.sourceAgentId });
      const entry: Entry = { checked, own: false, verdict, uncertain: false };
      return await this.#groups.append(caller.tenant, storeId, entry);
    } catch (error) {
      throw refusalOf(error);
    } finally {
      this.#underWay.events -= 1;
      this.#underWay.bytes -= size;
    }
  }

  async appendOwn(tenant: string, storeId: string, draft: OwnDraft, effect?: Effect): Promise<Accepted> {
    this.#requireOpen();
    const own = ownEvent(draft, effect);
    await this.#prepareOwn(tenant);
    return await this.#groups.run(tenant, storeId, async (sql, stream) =>
      placeOwn(sql, stream, own, this.#registrar, await this.#context(sql)),
    );
  }

  async openStream(tenant: string, storeId: string): Promise<boolean> {
    return await this.ownTransaction(tenant, async (sql, append) => {
      if (!(await createStream(sql, tenant, storeId, BigInt(this.#now())))) return false;
      await this.#signers.refresh(sql);
      await append(storeId, openedDraft(this.#identity, this.#signers, tenant, storeId));
      return true;
    });
  }

  async ownTransaction<T>(tenant: string, work: (sql: Sql, append: AppendOwn) => Promise<T>): Promise<T> {
    this.#requireOpen();
    await this.#prepareOwn(tenant);
    try {
      return await this.#database.transaction(tenant, async (sql) => {
        const context = await this.#context(sql);
        return await work(sql, async (storeId, draft) => {
          const stream = await lockStream(sql, tenant, storeId);
          if (stream === undefined)
            throw new Refusal("stream-unknown", "this store has no stream of this tenant's");
          return await placeOwn(sql, stream, ownEvent(draft), this.#registrar, context);
        });
      });
    } catch (error) {
      throw refusalOf(error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#groups.settled();
  }

  get #registrar() {
    return { identity: this.#identity, signers: this.#signers };
  }

  async #context(sql: Sql): Promise<GroupContext> {
    const now = this.#now();
    if (Math.abs(now - this.#keysReadAt) > KEYS_FRESH_FOR) {
      await this.#signers.refresh(sql);
      this.#keysReadAt = now;
    }
    const receipts = await this.#signers.active("receipt");
    return { keys: this.#keys, schemas: this.#schemas, sealer: this.#sealer, receipts, now: BigInt(now) };
  }

  /** The registrar's own key among them. */
  async #reseal(tenant: string, agents: readonly string[]): Promise<void> {
    this.#sealer.forget(tenant);
    for (const agent of [...agents, this.#identity.registrarId])
      await this.#sealer.prepare({ tenant, agent });
  }

  async #prepareOwn(tenant: string): Promise<void> {
    await this.#sealer.prepare({ tenant, agent: this.#identity.registrarId });
  }

  async #requireSignature({ event, signingHash }: Entry["checked"]): Promise<void> {
    const reference = { agent: event.sourceAgentId, keyId: event.agentKeyId };
    const key = await this.#keys.find(event.tenantId, event.storeId, reference);
    if (key === undefined) throw keyUnknown(event);
    if (await verifySignature(signingHash, event.agentSignature, key.verifying)) return;
    throw new Refusal("signature-invalid", `agent_signature does not hold under key ${event.agentKeyId}`, {
      pointer: "/agent_signature",
    });
  }

  #requireOpen(): void {
    if (this.#closed) throw new Refusal("unavailable", "this process is shutting down", { retryAfter: 1 });
  }

  #requireRoom(): void {
    this.#requireOpen();
    const { events, bytes } = this.#underWay;
    if (events < this.#limits.waitingEvents && bytes < this.#limits.waitingBytes) return;
    throw new Refusal("overloaded", "as many events are on their way as this process takes", {
      retryAfter: 1,
    });
  }
}
