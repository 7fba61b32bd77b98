import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHex } from "../../../src/core/bytes.ts";
import type { Json } from "../../../src/core/json.ts";
import { proveAgentKey } from "../../../src/core/log/index.ts";
import type { KeyProvider } from "../../../src/core/ports.ts";
import { atRestSettings, Keyring } from "../../../src/sequencer/at-rest/index.ts";
import { accessSettings, insertApiKey, newApiKey, type Role } from "../../../src/sequencer/auth/index.ts";
import { initLog } from "../../../src/sequencer/identity/index.ts";
import type { Store } from "../../../src/sequencer/store/index.ts";
import { startSequencer } from "../../../src/services/sequencer/service.ts";
import { sequencerSection } from "../../../src/services/sequencer/settings.ts";
import { createLog } from "../../../src/services/support/log.ts";
import { open } from "../../keys/support.ts";
import { eventOf, newSigner, type TestAgent } from "../../sequencer/ingest/support.ts";
import { emptyStore, type Kind } from "../../sequencer/support.ts";

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into many forms of answers.
  readonly body: any;
}

export interface Request {
  readonly method?: string;
  readonly body?: unknown;
  readonly credential?: string;
  readonly type?: string;
  readonly headers?: Record<string, string>;
}

/** What a test says about an event; the rest is as `eventOf` has it. */
export type Fields = NonNullable<Parameters<typeof eventOf>[2]> & { readonly payload?: Json };

/** A tenant with a stream and an agent in it. */
export interface Tenant {
  readonly tenant: string;
  readonly storeId: string;
  readonly credential: string;
  readonly agent: TestAgent;
}

/** A sequencer in this process, over a database of its own. */
export interface World {
  readonly store: Store;
  readonly keys: KeyProvider;
  url(): string;
  call(path: string, request?: Request): Promise<Answer>;
  /** A new tenant with an open stream and a registered agent. */
  newTenant(): Promise<Tenant>;
  /** Sends a new event of the tenant's agent. */
  send(tenant: Tenant, fields?: Fields): Promise<Answer>;
  /** Stops the service and starts it again on the same database, with more settings if there are any. */
  restart(more?: object): Promise<void>;
  close(): Promise<void>;
}

const AT_REST = atRestSettings.parse({});
/** Tests ask more often than a client would. */
const RATE = { rate: 10_000, burst: 10_000 };
const ACCESS = accessSettings.parse({
  rates: { events_ingest: RATE, events_read: RATE, commitments: RATE },
  failures_per_minute: 1_000,
});

/** Starts it. @param settings Those of `[sequencer]`. @param kind What its database is. */
export async function startWorld(settings: object = {}, kind: Kind = "pglite"): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "proofx-sequencer-"));
  const keys = open(join(folder, "keys"));
  await keys.create(AT_REST.master_key, "aes-256");
  const { store, close: closeStore } = await emptyStore(kind);
  await initLog(store, keys, {
    logName: "proofx.test",
    sealer: new Keyring(store.as("app"), keys, AT_REST),
  });
  const http = { port: 0, stop_timeout: 5, body_limit: 2 ** 20 };
  const section = {
    log_name: "proofx.test",
    checkpoint_interval: 50,
    tail_poll: 20,
    http,
    ...settings,
  };
  const log = createLog("sequencer", "silent");
  const start = (more = {}) =>
    startSequencer(sequencerSection.parse({ ...section, ...more }), {
      store,
      keys,
      atRest: AT_REST,
      log,
      access: ACCESS,
    });
  let service = await start();
  const call = (path: string, request?: Request) => callAt(service.url, path, request);
  const world: World = {
    store,
    keys,
    url: () => service.url,
    call,
    newTenant: () => newTenant(store, call),
    send: async (tenant, fields) => {
      const body = await eventOf(tenant, tenant.agent, fields);
      return await call(`/v1/stores/${tenant.storeId}/events`, { credential: tenant.credential, body });
    },
    async restart(more) {
      await service.close();
      service = await start(more);
    },
    async close() {
      await service.close();
      await closeStore();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
}

async function callAt(
  url: string,
  path: string,
  { method, body, credential, type = "application/json", headers = {} }: Request = {},
): Promise<Answer> {
  const content =
    body === undefined || typeof body === "string" || body instanceof Uint8Array
      ? (body as string | Uint8Array<ArrayBuffer> | undefined)
      : JSON.stringify(body);
  const answer = await fetch(`${url}${path}`, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    ...(content === undefined ? {} : { body: content }),
    headers: {
      ...(content === undefined ? {} : { "content-type": type }),
      ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
      ...headers,
    },
  });
  const text = await answer.text();
  const isJson =
    /json/.test(answer.headers.get("content-type") ?? "") &&
    !/ndjson/.test(answer.headers.get("content-type") ?? "");
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  };
}

async function newTenant(store: Store, call: World["call"]): Promise<Tenant> {
  const tenant = randomUUID();
  const storeId = randomUUID();
  await store
    .as("keeper")
    .transaction(null, (sql) => sql.query("INSERT INTO proofx.tenants VALUES ($1, 'tenant', 1)", [tenant]));
  const credential = await newCredential(store, tenant, "admin");
  expectStatus(await call(`/v1/stores/${storeId}`, { body: {}, credential }), 201);
  const agent = { id: randomUUID(), keyId: 1, signer: newSigner() };
  const proof = await proveAgentKey({ tenantId: tenant, storeId, agentId: agent.id, keyId: 1 }, agent.signer);
  const body = { key_id: 1, public_key: toHex(agent.signer.publicKey), proof: toHex(proof) };
  expectStatus(await call(`/v1/stores/${storeId}/agents/${agent.id}/keys`, { body, credential }), 201);
  return { tenant, storeId, credential, agent };
}

/** A new API key of a tenant, shown whole. */
export async function newCredential(
  store: Store,
  tenant: string,
  role: Role,
  agentId?: string,
): Promise<string> {
  const key = newApiKey("test");
  await insertApiKey(store.as("keeper"), key, { tenant, role, agentId, name: role });
  return key.text;
}

function expectStatus({ status, text }: Answer, expected: number): void {
  if (status !== expected) throw new Error(`expected status ${expected}, got ${status}: ${text}`);
}
