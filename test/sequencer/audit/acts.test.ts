import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { Keeper } from "../../../src/sequencer/at-rest/index.ts";
import { ACTS, recordActs } from "../../../src/sequencer/audit/index.ts";
import { createTenant, insertApiKey, newApiKey, revokeApiKey } from "../../../src/sequencer/auth/index.ts";
import { EventReader } from "../../../src/sequencer/read/index.ts";
import { startLog, type TestLog } from "../ingest/support.ts";
import { KINDS } from "../support.ts";

interface Act {
  readonly act: string;
  readonly tenant_id: string;
  readonly subject: Record<string, unknown>;
}

for (const kind of KINDS) {
  describe(`Administrative acts (${kind})`, function () {
    this.timeout(60_000);

    let log: TestLog;
    before(async () => {
      log = await startLog(kind);
      await record();
    });
    after(() => log?.close());

    const record = (): Promise<number> =>
      recordActs({ database: log.store.as("app"), ingest: log.ingest, identity: log.identity });

    /** What the operator's stream tells, event by event, as its readers see it. */
    async function told(): Promise<Act[][]> {
      const { operatorTenant: tenant, operatorStore: store } = log.identity;
      const reader = new EventReader(log.store.as("app"), log.sealer);
      const { events } = await reader.range({ tenant, store }, { from: 1n, limit: 1000 });
      return events
        .filter(({ event }) => event.event_type === ACTS)
        .map(({ event }) => (event.payload as unknown as { acts: Act[] }).acts);
    }
    const since = async (before: number): Promise<Act[]> => (await told()).flat().slice(before);

    it("are signed events of the operator's stream: tenants, credentials, keys at rest", async () => {
      const before = (await told()).flat().length;
      const keeper = log.store.as("keeper");
      const { tenantId: tenant } = await createTenant(keeper, { name: "acme" });
      const key = newApiKey("live");
      await insertApiKey(keeper, key, { tenant, role: "reader", agentId: undefined, name: "audit" });
      await revokeApiKey(keeper, key.prefix);
      await revokeApiKey(keeper, key.prefix);
      const agent = await log.newAgent();
      await log.sealer.prepare({ tenant: log.tenant, agent: agent.id });
      const atRest = new Keeper(keeper, log.keys, "log-master");
      await atRest.rotateAgent(log.tenant, agent.id);
      await atRest.erase(log.tenant, agent.id);
      await atRest.rotateTenant(log.tenant);
      expect(await record()).to.be.greaterThan(0);

      const acts = await since(before);
      expect(acts.map(({ act }) => act)).to.deep.equal([
        "tenant.created",
        "api-key.created",
        "api-key.revoked",
        "data-key.rotated",
        "data-key.destroyed",
        "data-key.destroyed",
        "tenant-key.created",
        "tenant-key.retired",
        "tenant-key.destroyed",
      ]);
      expect(acts[0]).to.deep.include({ tenant_id: tenant, subject: { name: "acme" } });
      expect(acts[1]?.subject).to.deep.equal({
        prefix: key.prefix,
        role: "reader",
        agent_id: null,
        name: "audit",
      });
      expect(JSON.stringify(acts)).not.to.contain(key.text);
    });

    it("are told once, by however many processes, and not again after all is told", async () => {
      const before = (await told()).flat().length;
      const keeper = log.store.as("keeper");
      for (let index = 0; index < 150; index++) await createTenant(keeper, { name: `tenant ${index}` });
      await Promise.all([record(), record(), record()]);
      while ((await record()) > 0);
      const names = (await since(before)).map(({ subject }) => subject.name);
      expect(names).to.deep.equal(Array.from({ length: 150 }, (_, index) => `tenant ${index}`));
    });

    it("that were undone are not told", async () => {
      const before = (await told()).flat().length;
      const keeper = log.store.as("keeper");
      const undone = keeper.transaction(null, async (sql) => {
        await sql.query("INSERT INTO proofx.tenants VALUES ($1, 'undone', 1)", [randomUUID()]);
        throw new Error("undo");
      });
      await undone.catch(() => undefined);
      expect(await record()).to.equal(0);
      expect(await since(before)).to.deep.equal([]);
    });

    it("cannot be taken off the list by a tenant, by hand, or with an event that does not tell of them", async () => {
      await createTenant(log.store.as("keeper"), { name: "unseen" });
      const { operatorTenant, operatorStore } = log.identity;
      const app = log.store.as("app");
      const take = (tenant: string, sequence: bigint) =>
        app.transaction(tenant, (sql) =>
          sql.query("SELECT proofx.take_acts($1, ARRAY(SELECT act_id FROM proofx.acts), $2, $3)", [
            tenant,
            sequence,
            operatorStore,
          ]),
        );
      const refused = async (work: Promise<unknown>): Promise<boolean> =>
        work.then(
          () => false,
          () => true,
        );
      expect(await refused(take(log.tenant, 1n))).to.equal(true);
      expect(await refused(take(operatorTenant, 1n))).to.equal(true);
      for (const role of ["app", "keeper", "anchor"] as const) {
        const byHand = log.store
          .as(role)
          .transaction(operatorTenant, (sql) => sql.query("DELETE FROM proofx.acts"));
        expect(await refused(byHand), role).to.equal(true);
      }
      const seen = await app.transaction(log.tenant, (sql) => sql.query("SELECT FROM proofx.acts"));
      expect(seen.length).to.equal(0);
      expect(await record()).to.equal(1);
    });
  });
}
