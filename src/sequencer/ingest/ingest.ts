import type { VesEvent } from "../../core/log/index.ts";
import type { LogIdentity } from "../identity/identity.ts";
import type { ServiceSigners } from "../identity/signers.ts";
import { TenantSchemas } from "../schemas/tenant-schemas.ts";
import type { Database, Sql } from "../store/index.ts";
import { checkEvent } from "./check.ts";
import { faultOf, refusalOf } from "./faults.ts";
import { GroupCommit } from "./group-commit.ts";
import { KnownKeys } from "./known-keys.ts";
import { createStream, openedDraft } from "./open-stream.ts";
import { ownEvent, placeOwn } from "./own.ts";
import { keyUnknown, streamUnknown } from "./place.ts";
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
import { Room } from "./room.ts";
import type { SchemaJudge } from "./schema-judge.ts";
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
  readonly #room: Room;
  #keysReadAt: number;
  #closed = false;

  constructor({ database, sealer, signers, identity, limits, now = Date.now }: IngestParts) {
    this.#database = database;
    this.#sealer = sealer;
    this.#signers = signers;
    this.#identity = identity;
    this.#limits = { ...INGEST_LIMITS, ...limits };
    this.#room = new Room(this.#limits, now);
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
    this.#requireOpen();
    this.#room.require(caller.tenant);
    const checked = checkEvent(caller, storeId, json, { now: this.#now(), limits: this.#limits });
    if (checked.event.sourceAgentId === this.#identity.registrarId) {
      throw new Refusal("wrong-agent", "the registrar's events are the log's own", {
        pointer: "/source_agent_id",
      });
    }
    const place = this.#groups.reserve(caller.tenant, storeId);
    const size = checked.content.length;
    this.#room.enter(caller.tenant, size);
    try {
      const { event } = checked;
      await this.#requireSignature(checked);
      const verdict = await this.#schemas.judge(event);
      await this.#sealer.prepare({ tenant: event.tenantId, agent: event.sourceAgentId });
      return await place.append({ checked, own: false, verdict, uncertain: false });
    } catch (error) {
      throw refusalOf(error);
    } finally {
      place.release();
      this.#room.leave(caller.tenant, size);
    }
  }

  async appendOwn(tenant: string, storeId: string, draft: OwnDraft, effect?: Effect): Promise<Accepted> {
    const own = ownEvent(draft, effect);
    return await this.#ownWork(tenant, () =>
      this.#groups.run(tenant, storeId, async (sql, stream) =>
        placeOwn(sql, stream, own, this.#registrar, await this.#context(sql)),
      ),
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
    return await this.#ownWork(tenant, () =>
      this.#database.transaction(tenant, async (sql) => {
        const context = await this.#context(sql);
        return await work(sql, async (storeId, draft) => {
          const stream = await lockStream(sql, tenant, storeId);
          if (stream === undefined) throw streamUnknown();
          return await placeOwn(sql, stream, ownEvent(draft), this.#registrar, context);
        });
      }),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#room.empty();
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

  async #ownWork<T>(tenant: string, work: () => Promise<T>): Promise<T> {
    this.#requireOpen();
    this.#room.enter(undefined, 0);
    try {
      await this.#sealer.prepare({ tenant, agent: this.#identity.registrarId });
      return await work();
    } catch (error) {
      const fault = faultOf(error);
      if (fault === "key destroyed") this.#sealer.forget(tenant);
      throw fault === "bad data" ? error : refusalOf(error);
    } finally {
      this.#room.leave(undefined, 0);
    }
  }

  async #requireSignature({ event, signingHash }: Entry["checked"]): Promise<void> {
    const reference = { agent: event.sourceAgentId, keyId: event.agentKeyId };
    const key = await this.#keys.find(event.tenantId, event.storeId, reference);
    if (key === undefined) throw (await this.#isOpen(event)) ? keyUnknown(event) : streamUnknown();
    if (key.verifies(signingHash, event.agentSignature)) return;
    throw new Refusal("signature-invalid", `agent_signature does not hold under key ${event.agentKeyId}`, {
      pointer: "/agent_signature",
    });
  }

  async #isOpen({ tenantId, storeId }: VesEvent): Promise<boolean> {
    const rows = await this.#database.transaction(tenantId, (sql) =>
      sql.query("SELECT FROM proofx.streams WHERE tenant_id = $1 AND store_id = $2", [tenantId, storeId]),
    );
    return rows.length > 0;
  }

  #requireOpen(): void {
    if (this.#closed) throw new Refusal("unavailable", "this process is shutting down", { retryAfter: 1 });
  }
}
