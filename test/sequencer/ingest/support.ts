import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Json } from "../../../src/core/json.ts";
import {
  buildEvent,
  type EventFields,
  type EventSigner,
  eventToJson,
  plainHash,
  proveAgentKey,
  signingHash,
  type UnsignedEvent,
} from "../../../src/core/log/index.ts";
import type { KeyProvider } from "../../../src/core/ports.ts";
import { Agents } from "../../../src/sequencer/agents/index.ts";
import { atRestSettings, Keyring, type Sealer } from "../../../src/sequencer/at-rest/index.ts";
import { type InitializedLog, initLog } from "../../../src/sequencer/identity/index.ts";
import {
  createIngest,
  type Ingest,
  type IngestLimits,
  Refusal,
} from "../../../src/sequencer/ingest/index.ts";
import type { Store } from "../../../src/sequencer/store/index.ts";
import { open } from "../../keys/support.ts";
import { emptyStore, type Kind, type TestStore } from "../support.ts";

/** An agent with its key in a stream. */
export interface TestAgent {
  readonly id: string;
  readonly keyId: number;
  readonly signer: EventSigner;
}

/** A log with a tenant and one stream. */
export interface TestLog extends InitializedLog {
  readonly store: Store;
  readonly keys: KeyProvider;
  readonly tenant: string;
  readonly storeId: string;
  readonly sealer: Sealer;
  readonly ingest: Ingest;
  readonly agents: Agents;
  /** Milliseconds that the log's clock is off. */
  clock: { offset: number };
  /** Makes a tenant. */
  newTenant(): Promise<string>;
  /** Opens a stream of the tenant's. */
  newStream(tenant?: string): Promise<string>;
  /** Another way in, over another store. */
  another(store?: Store, limits?: Partial<IngestLimits>): Ingest;
  /** Registers a new agent, in the first stream when none is named. */
  newAgent(stream?: { tenant: string; storeId: string }): Promise<TestAgent>;
  close(): Promise<void>;
}

/** A new key, held by the system's library: many events are signed in these tests. */
export function newSigner(): EventSigner {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const encoded = publicKey.export({ format: "der", type: "spki" });
  return {
    publicKey: Uint8Array.from(encoded.subarray(-32)),
    sign: async (message) => Uint8Array.from(sign(null, message, privateKey)),
  };
}

/** An empty log on a database of the kind. */
export async function startLog(kind: Kind): Promise<TestLog> {
  return logOn(await emptyStore(kind));
}

/** A log of its own on a migrated, empty database. */
export async function logOn({ store, close }: TestStore): Promise<TestLog> {
  const folder = mkdtempSync(join(tmpdir(), "proofx-ingest-"));
  const keys = open(join(folder, "keys"));
  const clock = { offset: 0 };
  const now = (): number => Date.now() + clock.offset;
  await keys.create("log-master", "aes-256");
  const sealerOn = (over: Store) => new Keyring(over.as("app"), keys, atRestSettings.parse({}), now);
  const sealer = sealerOn(store);
  const log = await initLog(store, keys, { logName: "proofx.test", sealer, now });
  const another = (other: Store = store, limits: Partial<IngestLimits> = {}): Ingest =>
    createIngest({ ...log, database: other.as("app"), sealer: sealerOn(other), limits, now });
  const ingest = another();
  const agents = new Agents({ database: store.as("app"), ingest, now });
  const newTenant = async (): Promise<string> => {
    const tenant = randomUUID();
    await store
      .as("keeper")
      .transaction(null, (sql) => sql.query("INSERT INTO proofx.tenants VALUES ($1, 'tenant', 1)", [tenant]));
    return tenant;
  };
  const newStream = async (owner: string): Promise<string> => {
    const storeId = randomUUID();
    await ingest.openStream(owner, storeId);
    return storeId;
  };
  const tenant = await newTenant();
  const storeId = await newStream(tenant);
  return {
    ...log,
    store,
    keys,
    tenant,
    storeId,
    sealer,
    ingest,
    agents,
    clock,
    newTenant,
    newStream: (owner = tenant) => newStream(owner),
    another,
    newAgent: (stream = { tenant, storeId }) => registerAgent(agents, stream),
    async close() {
      await ingest.close();
      await close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Registers a key, the first of a new agent unless told otherwise. */
export async function registerAgent(
  agents: Agents,
  { tenant, storeId }: { tenant: string; storeId: string },
  {
    id = randomUUID(),
    keyId = 1,
    signer = newSigner(),
    ...rotation
  }: Partial<TestAgent> & {
    replaces?: number;
    overlapSeconds?: number;
  } = {},
): Promise<TestAgent> {
  const proof = await proveAgentKey({ tenantId: tenant, storeId, agentId: id, keyId }, signer);
  const { publicKey } = signer;
  await agents.register({ tenant, store: storeId, agent: id, keyId, publicKey, proof, ...rotation });
  return { id, keyId, signer };
}

/** What an agent says of a new event of version 3 in a stream, its payload apart. */
export function headerOf({ tenant, storeId }: Pick<TestLog, "tenant" | "storeId">, agent: TestAgent) {
  return {
    vesVersion: 3 as const,
    eventId: randomUUID() as string,
    tenantId: tenant,
    storeId,
    sourceAgentId: agent.id,
    agentKeyId: agent.keyId,
    entityType: "order",
    entityId: randomUUID() as string,
    eventType: "order.placed",
    createdAt: "2026-01-30T12:00:00Z",
  };
}

type Fields = Partial<Omit<EventFields, "vesVersion">> & { vesVersion?: 1 | 2 | 3; payload?: Json };

/** A signed event as JSON; version 3 with a small payload unless told otherwise. */
export async function eventOf(
  log: Pick<TestLog, "tenant" | "storeId">,
  agent: TestAgent,
  fields: Fields = {},
): Promise<Record<string, unknown>> {
  const event = await buildEvent(
    { ...headerOf(log, agent), payloadKind: 0, payload: { total: "12.50" }, ...fields } as EventFields,
    agent.signer,
  );
  return eventToJson(event) as Record<string, unknown>;
}

/** Signed events as JSON, not checked one by one as `buildEvent` does, which takes its time. */
export async function manyEvents(
  log: Pick<TestLog, "tenant" | "storeId">,
  agent: TestAgent,
  count: number,
): Promise<Record<string, unknown>[]> {
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const payload = { total: "12.50", index };
      const unsigned: UnsignedEvent = {
        ...headerOf(log, agent),
        entityId: String(index % 50),
        payloadKind: 0,
        payload,
        payloadPlainHash: plainHash(payload),
        payloadCipherHash: new Uint8Array(32),
      };
      const agentSignature = await agent.signer.sign(signingHash(unsigned));
      return eventToJson({ ...unsigned, agentSignature }) as Record<string, unknown>;
    }),
  );
}

/** The code with which something was refused; fails when it was not. */
export async function refusal(promise: Promise<unknown>): Promise<Refusal> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  return expect.fail("expected a refusal");
}

/** Sequence numbers of a stream as the database has them. */
export async function sequencesOf({
  store,
  tenant,
  storeId,
}: Pick<TestLog, "store" | "tenant" | "storeId">): Promise<bigint[]> {
  const rows = await store
    .as("app")
    .transaction(tenant, (sql) =>
      sql.query<{ sequence: bigint }>(
        "SELECT sequence FROM proofx.events WHERE store_id = $1 ORDER BY sequence",
        [storeId],
      ),
    );
  return rows.map(({ sequence }) => sequence);
}
