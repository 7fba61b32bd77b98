import { request as rawRequest } from "node:http";
import { expect } from "chai";
import { z } from "zod";
import { UnavailableError } from "../../../src/core/errors.ts";
import { RefusalLedger, type RefusalNote } from "../../../src/sequencer/audit/index.ts";
import { Authenticator, accessSettings } from "../../../src/sequencer/auth/index.ts";
import { Refusal } from "../../../src/sequencer/ingest/index.ts";
import type { Database } from "../../../src/sequencer/store/index.ts";
import { createGuard, type Guard } from "../../../src/services/sequencer/authenticate.ts";
import { type HttpServer, type RunningHttp, startHttp } from "../../../src/services/support/http.ts";
import { createLog } from "../../../src/services/support/log.ts";
import { createMetrics } from "../../../src/services/support/metrics.ts";
import { Problem } from "../../../src/services/support/problem.ts";
import { httpSettings } from "../../../src/services/support/settings.ts";
import { AUDIENCE, apiKey, newTenant, token, tokenSigner } from "../../sequencer/auth/support.ts";
import { eventOf, startLog, type TestLog } from "../../sequencer/ingest/support.ts";
import { describeOnEither } from "../../sequencer/support.ts";

const PROBLEMS = Object.fromEntries(
  Object.entries({
    unauthorized: 401,
    forbidden: 403,
    "wrong-agent": 403,
    "wrong-tenant": 403,
    "signature-invalid": 422,
    "rate-limited": 429,
    unavailable: 503,
  }).map(([code, status]) => [code, { status, title: code, remedy: "" }]),
);

/** A guarded service over a real log: it takes events and counts a stream's. */
async function startGuarded(log: TestLog, settings: object = {}, database: Database = log.store.as("app")) {
  const notes: RefusalNote[] = [];
  const guard = createGuard({
    authenticator: new Authenticator({
      database,
      audience: AUDIENCE,
      cacheSeconds: 5,
      cachedCredentials: 100,
    }),
    settings: accessSettings.parse(settings),
    refusals: { note: (note) => notes.push(note) },
  });
  const running = await startHttp(
    {
      name: "guarded",
      description: "",
      problems: PROBLEMS,
      metrics: createMetrics("guarded"),
      log: createLog("guarded", "silent"),
      routes: (server) => addRoutes(server, log, guard),
      obstacles: async () => [],
    },
    httpSettings.parse({ port: 0, stop_timeout: 1 }),
  );
  return { running, notes };
}

function addRoutes(server: HttpServer, { ingest, store }: TestLog, guard: Guard): void {
  const schema = { params: z.object({ store: z.string() }) };
  server.post(
    "/v1/stores/:store/events",
    { onRequest: guard.require("events:write", "events_ingest"), schema },
    async (request) => {
      const caller = guard.callerOf(request);
      try {
        const { sequence } = await ingest.submit(caller, request.params.store, request.body);
        return { sequence: String(sequence) };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        guard.refused(caller, error.code);
        throw new Problem(error.code, error.detail);
      }
    },
  );
  server.get(
    "/v1/stores/:store/count",
    { onRequest: guard.require("events:read", "events_read"), schema },
    async (request) => {
      // Without a WHERE for the tenant: the border is the database's.
      const [row] = await store
        .as("app")
        .transaction(guard.callerOf(request).tenant, (sql) =>
          sql.query<{ n: bigint }>("SELECT count(*) AS n FROM proofx.events WHERE store_id = $1", [
            request.params.store,
          ]),
        );
      return { count: String(row?.n) };
    },
  );
  server.get("/v1/unguarded", async (request) => guard.callerOf(request));
}

describeOnEither("Who may do what over HTTP", function (kind) {
  this.timeout(60_000);
  let log: TestLog;
  let running: RunningHttp;
  let notes: RefusalNote[];
  before(async () => {
    log = await startLog(kind);
  });
  after(() => log?.close());
  beforeEach(async () => {
    ({ running, notes } = await startGuarded(log));
  });
  afterEach(() => running.close());

  const get = (credential?: string, store = log.storeId) =>
    fetch(`${running.url}/v1/stores/${store}/count`, {
      headers: credential === undefined ? {} : { authorization: `Bearer ${credential}` },
    });
  const post = (credential: string, body: unknown, store = log.storeId) =>
    fetch(`${running.url}/v1/stores/${store}/events`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${credential}` },
      body: JSON.stringify(body),
    });
  const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code;

  it("whatever is wrong with a credential, the answer is the same; the audit knows", async () => {
    const signer = await tokenSigner(log.store, log.tenant);
    const good = await apiKey(log.store, log.tenant);
    const wrongSecret = `${good.slice(0, -43)}${(await apiKey(log.store, log.tenant)).slice(-43)}`;
    const cases: [string | undefined, string][] = [
      [undefined, "credential-missing"],
      ["", "credential-malformed"],
      ["nonsense", "token-malformed"],
      [`px_live_aaaaaaaaaaaa_${"A".repeat(43)}`, "api-key-unknown"],
      [wrongSecret, "api-key-wrong-secret"],
      [await token(signer, { exp: 1, iat: 0 }), "token-expired"],
      [await token(signer, { aud: "another" }), "token-audience"],
      ["x".repeat(5_000), "credential-malformed"],
    ];
    const bodies = new Set<string>();
    for (const [credential, cause] of cases) {
      const answer = await get(credential);
      expect(answer.status, cause).to.equal(401);
      expect(answer.headers.get("www-authenticate")).to.equal('Bearer realm="proofx"');
      const { instance, ...same } = (await answer.json()) as { instance: string };
      expect(instance).to.match(/^urn:proofx:request:/);
      bodies.add(JSON.stringify(same));
      expect(notes.at(-1)?.cause).to.equal(cause);
    }
    expect(bodies.size).to.equal(1);
    expect(notes.at(0)).to.deep.equal({ cause: "credential-missing", source: "127.0.0.0/24" });
    expect(notes.at(4)).to.deep.equal({
      cause: "api-key-wrong-secret",
      tenant: log.tenant,
      source: good.slice(0, -44),
    });
    const said = JSON.stringify(notes);
    for (const [credential] of cases)
      if ((credential?.length ?? 0) > 8) expect(said).not.to.contain(credential);
  });

  it("a tenant's credential sees nothing of another's store, and writes nothing into it", async () => {
    const other = await newTenant(log.store);
    const otherStore = await log.newStream(other);
    const key = await apiKey(log.store, log.tenant);
    expect(await (await get(key)).json()).not.to.deep.equal({ count: "0" });
    expect(await (await get(key, otherStore)).json()).to.deep.equal({ count: "0" });
    const agent = await log.newAgent({ tenant: other, storeId: otherStore });
    const event = await eventOf({ tenant: other, storeId: otherStore }, agent);
    expect(await codeOf(await post(key, event, otherStore))).to.equal("wrong-tenant");
    expect(notes.at(-1)).to.include({ cause: "wrong-tenant", tenant: log.tenant });
    const signer = await tokenSigner(log.store, log.tenant, "admin");
    expect((await get(await token(signer, { tenant: other }), otherStore)).status).to.equal(401);
  });

  it("an agent's credential sends that agent's events and no other's", async () => {
    const [ada, eve] = [await log.newAgent(), await log.newAgent()];
    const key = await apiKey(log.store, log.tenant, { role: "agent", agentId: ada.id });
    expect((await post(key, await eventOf(log, ada))).status).to.equal(200);
    expect(await codeOf(await post(key, await eventOf(log, eve)))).to.equal("wrong-agent");
    const signer = await tokenSigner(log.store, log.tenant);
    const ofEve = await token(signer, { sub: eve.id });
    expect((await post(ofEve, await eventOf(log, eve))).status).to.equal(200);
    expect(await codeOf(await post(ofEve, await eventOf(log, ada)))).to.equal("wrong-agent");
  });

  it("a role without the permission is told which one it lacks", async () => {
    const reader = await apiKey(log.store, log.tenant, { role: "reader" });
    expect((await get(reader)).status).to.equal(200);
    const refused = await post(reader, {});
    expect(refused.status).to.equal(403);
    expect(((await refused.json()) as { detail: string }).detail).to.contain("events:write");
    expect(notes.at(-1)).to.include({ cause: "forbidden", tenant: log.tenant });
    const anchor = await apiKey(log.store, log.tenant, { role: "anchor" });
    expect((await get(anchor)).status).to.equal(403);
  });

  it("a stranger's body is not read", async () => {
    const answer = await post(`px_live_aaaaaaaaaaaa_${"A".repeat(43)}`, "x".repeat(200_000));
    expect(answer.status).to.equal(401);
  });

  it("two Authorization headers are none", async () => {
    const key = await apiKey(log.store, log.tenant);
    const status = (headers: string[]) =>
      new Promise<number | undefined>((resolve, reject) => {
        const { hostname, port } = new URL(running.url);
        rawRequest({ hostname, port, path: `/v1/stores/${log.storeId}/count`, headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        })
          .on("error", reject)
          .end();
      });
    const one = ["host", "x", "authorization", `Bearer ${key}`];
    expect(await status(one)).to.equal(200);
    expect(await status([...one, "authorization", `Bearer ${key}`])).to.equal(401);
  });

  it("a route that forgot its guard serves nobody", async () => {
    expect((await fetch(`${running.url}/v1/unguarded`)).status).to.equal(500);
  });
});

describeOnEither("A flood over HTTP", function (kind) {
  this.timeout(60_000);
  let log: TestLog;
  before(async () => {
    log = await startLog(kind);
  });
  after(() => log?.close());

  const count = async (url: string, credential: string | undefined, more: Record<string, string> = {}) =>
    await fetch(`${url}/v1/stores/${log.storeId}/count`, {
      headers: { ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }), ...more },
    });

  it("of strangers is stopped before it costs anything, and known credentials go on from the same address", async () => {
    const app = log.store.as("app");
    let lookups = 0;
    const counting: Database = {
      ...app,
      transaction: (tenant, work) => {
        lookups += 1;
        return app.transaction(tenant, work);
      },
    };
    const { running, notes } = await startGuarded(log, { failures_per_minute: 5 }, counting);
    try {
      const known = await apiKey(log.store, log.tenant);
      expect((await count(running.url, known)).status).to.equal(200);
      const statuses: number[] = [];
      for (let index = 0; index < 100; index++) {
        const answer = await count(
          running.url,
          `px_live_${String(index).padStart(12, "0")}_${"A".repeat(43)}`,
        );
        statuses.push(answer.status);
        if (answer.status === 429) expect(Number(answer.headers.get("retry-after"))).to.be.within(1, 60);
      }
      expect(statuses.filter((status) => status === 401).length).to.equal(5);
      expect(statuses.filter((status) => status === 429).length).to.equal(95);
      expect(lookups).to.equal(6);
      expect((await count(running.url, known)).status).to.equal(200);
      // Nobody is believed about whom it speaks for.
      expect((await count(running.url, undefined, { "x-forwarded-for": "192.0.2.9" })).status).to.equal(429);
      expect(new Set(notes.map(({ cause }) => cause))).to.deep.equal(
        new Set(["api-key-unknown", "too-many-failures"]),
      );
    } finally {
      await running.close();
    }
  });

  it("becomes a handful of the operator's events", async () => {
    const { operatorTenant, operatorStore } = log.identity;
    const ledger = new RefusalLedger({
      append: (draft) => log.ingest.appendOwn(operatorTenant, operatorStore, draft),
      onError: (error) => {
        throw error;
      },
    });
    const { running, notes } = await startGuarded(log);
    try {
      await Promise.all(Array.from({ length: 200 }, () => count(running.url, undefined)));
      for (const note of notes) ledger.note(note);
      await ledger.close();
      const rows = await log.store
        .as("owner")
        .transaction(null, (sql) =>
          sql.query("SELECT sequence FROM proofx.events WHERE event_type = 'proofx.refusals'"),
        );
      expect(notes.length).to.equal(200);
      expect(rows.length).to.equal(1);
    } finally {
      await running.close();
    }
  });

  it("of one's own is answered 429 with Retry-After", async () => {
    const rates = { events_read: { rate: 1, burst: 3 } };
    const { running } = await startGuarded(log, { rates });
    try {
      const key = await apiKey(log.store, log.tenant);
      const answers = [];
      for (let index = 0; index < 20; index++) answers.push(await count(running.url, key));
      const limited = answers.filter(({ status }) => status === 429);
      expect(limited.length).to.be.greaterThan(5);
      for (const { headers } of limited) expect(headers.get("retry-after")).to.equal("1");
    } finally {
      await running.close();
    }
  });

  it("that meets a database that is gone lets nobody in", async () => {
    const gone: Database = {
      ...log.store.as("app"),
      transaction: async () => {
        throw new UnavailableError("gone");
      },
    };
    const { running } = await startGuarded(log, {}, gone);
    try {
      const answer = await count(running.url, `px_live_aaaaaaaaaaaa_${"A".repeat(43)}`);
      expect(answer.status).to.equal(503);
    } finally {
      await running.close();
    }
  });
});
