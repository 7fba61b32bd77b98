import { randomUUID } from "node:crypto";
import { expect } from "chai";
import type { Accepted } from "../../../src/sequencer/ingest/index.ts";
import { Refusal } from "../../../src/sequencer/ingest/index.ts";
import { KINDS } from "../support.ts";
import {
  eventOf,
  refusal,
  registerAgent,
  sequencesOf,
  startLog,
  type TestAgent,
  type TestLog,
} from "./support.ts";

for (const kind of KINDS) {
  describe(`An event's place in the log on ${kind}`, function () {
    this.timeout(60_000);
    let log: TestLog;
    let agent: TestAgent;
    before(async () => {
      log = await startLog(kind);
      agent = await log.newAgent();
    });
    afterEach(() => {
      log.clock.offset = 0;
    });
    after(() => log?.close());
    const submit = (json: unknown) => log.ingest.submit({ tenant: log.tenant }, log.storeId, json);
    const outcomes = async (events: readonly unknown[]): Promise<(Accepted | string)[]> => {
      const settled = await Promise.allSettled(events.map(submit));
      return settled.map((one) => {
        if (one.status === "fulfilled") return one.value;
        return one.reason instanceof Refusal ? one.reason.code : String(one.reason);
      });
    };
    const events = (fields: readonly Parameters<typeof eventOf>[2][]) =>
      Promise.all(fields.map((each) => eventOf(log, agent, each)));

    it("is one for a command, whoever repeats it and when", async () => {
      const commandId = randomUUID();
      const tries = await events(
        Array.from({ length: 8 }, (_, index) => ({ commandId, vesVersion: ((index % 3) + 1) as 1 })),
      );
      const codes = (await outcomes(tries)).map((one) => (typeof one === "string" ? one : "accepted")).sort();
      expect(codes).to.deep.equal(["accepted", ...Array(7).fill("command-conflict")]);
      const [late] = await events([{ commandId }]);
      expect(await refusal(submit(late))).to.include({ code: "command-conflict", pointer: "/command_id" });
    });

    it("is the winner's alone, of those who know the same state of an entity", async () => {
      const entityId = randomUUID();
      for (const baseVersion of [0n, 1n]) {
        const race = await events(Array.from({ length: 6 }, () => ({ entityId, baseVersion })));
        const all = await outcomes(race);
        const won = all.filter((one) => typeof one !== "string");
        expect(won.map(({ entityVersion }) => entityVersion)).to.deep.equal([baseVersion + 1n]);
        expect(all.filter((one) => one === "base-version-conflict")).to.have.length(5);
      }
      const [ahead, unaware] = await events([{ entityId, baseVersion: 3n }, { entityId }]);
      expect((await refusal(submit(ahead))).code).to.equal("base-version-conflict");
      expect((await submit(unaware)).entityVersion).to.equal(3n);
    });

    it("counts an entity's events apart from those of another type with the same id", async () => {
      const [one, two] = await events([{ entityId: "x" }, { entityId: "x", entityType: "invoice" }]);
      const versions = (await outcomes([one, two])).map(
        (each) => typeof each !== "string" && each.entityVersion,
      );
      expect(versions).to.deep.equal([1n, 1n]);
    });

    it("is right after that of the event before, with no gap for those refused in between", async () => {
      const before = (await sequencesOf(log)).length;
      const commandId = randomUUID();
      const group = await events([{}, { commandId }, { baseVersion: 5n }, { commandId }, {}, {}]);
      const stranger = await eventOf(log, { ...agent, keyId: 77 });
      const all = await outcomes([...group.slice(0, 3), stranger, ...group.slice(3), group[0]]);
      expect(all.map((one) => (typeof one === "string" ? one : Number(one.sequence) - before))).to.deep.equal(
        [1, 2, "base-version-conflict", "key-unknown", "command-conflict", 3, 4, 1],
      );
      const sequences = await sequencesOf(log);
      expect(sequences).to.deep.equal(sequences.map((_, index) => BigInt(index + 1)));
    });

    it("is never dated before that of the event before, though the clock is set back", async () => {
      const [one, two, three] = await events([{}, {}, {}]);
      const first = await submit(one);
      log.clock.offset = -86_400_000;
      const second = await submit(two);
      log.clock.offset = 0;
      const third = await submit(three);
      const times = [first, second, third].map(({ receipt }) => receipt.sequencedAt);
      expect(times[1]).to.equal(times[0]);
      expect(times[2] !== undefined && times[1] !== undefined && times[2] >= times[1]).to.equal(true);
    });

    it("is not to be had with a key revoked before it, whatever date the event bears", async () => {
      const leaver = await log.newAgent();
      const [kept, backdated, concurrent] = await Promise.all([
        eventOf(log, leaver),
        eventOf(log, leaver, { createdAt: "2020-01-01T00:00:00Z" }),
        eventOf(log, leaver),
      ]);
      const accepted = await submit(kept);
      const place = { tenant: log.tenant, store: log.storeId, agent: leaver.id, keyId: 1 };
      const revoking = log.agents.revoke({ ...place, reason: "left" });
      const [racer] = await outcomes([concurrent]);
      const { revokedAt } = await revoking;
      // Whoever came first: an event that was taken stands before the revocation.
      if (typeof racer !== "string") expect(racer && revokedAt && racer.sequence < revokedAt).to.equal(true);
      else expect(racer).to.equal("key-revoked");
      expect(await refusal(submit(backdated))).to.include({ code: "key-revoked", pointer: "/agent_key_id" });
      const again = await submit(kept);
      expect([again.duplicate, again.sequence]).to.deep.equal([true, accepted.sequence]);
    });

    it("is not to be had with a key that another process revoked a moment ago", async () => {
      const leaver = await log.newAgent();
      await submit(await eventOf(log, leaver));
      const other = log.another();
      await other.submit({ tenant: log.tenant }, log.storeId, await eventOf(log, leaver));
      await log.agents.revoke({
        tenant: log.tenant,
        store: log.storeId,
        agent: leaver.id,
        keyId: 1,
        reason: "",
      });
      const late = other.submit({ tenant: log.tenant }, log.storeId, await eventOf(log, leaver));
      expect((await refusal(late)).code).to.equal("key-revoked");
      await other.close();
    });

    it("is to be had with either key while they overlap, and with the new one alone afterwards", async () => {
      const old = await log.newAgent();
      const next = await registerAgent(log.agents, log, {
        id: old.id,
        keyId: 2,
        replaces: 1,
        overlapSeconds: 60,
      });
      for (const one of [old, next])
        expect((await submit(await eventOf(log, one))).duplicate).to.equal(false);
      log.clock.offset = 61_000;
      expect((await refusal(submit(await eventOf(log, old)))).code).to.equal("key-revoked");
      expect((await submit(await eventOf(log, next))).duplicate).to.equal(false);
      expect(await log.agents.sweep(log.store.as("keeper"))).to.equal(1);
      const [swept] = await log.agents.list({ tenant: log.tenant, store: log.storeId, agent: old.id });
      expect(swept?.revokedAt).to.be.a("bigint");
      // The clock that said the time was over is set right: what was revoked stays revoked.
      log.clock.offset = 0;
      expect((await refusal(submit(await eventOf(log, old)))).code).to.equal("key-revoked");
    });

    it("is refused for now when too many wait, and to be had when they are through", async () => {
      const narrow = log.another(log.store, { waitingEvents: 4 });
      const many = await events(Array.from({ length: 12 }, () => ({})));
      const settled = await Promise.allSettled(
        many.map((each) => narrow.submit({ tenant: log.tenant }, log.storeId, each)),
      );
      const refused = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
      expect(refused).to.have.length(8);
      for (const each of refused) expect(each).to.include({ code: "overloaded", retryAfter: 1 });
      expect((await narrow.submit({ tenant: log.tenant }, log.storeId, many[11])).duplicate).to.equal(false);
      await narrow.close();
    });

    it("is to be had by every tenant while another sends more than there is room for", async () => {
      const narrow = log.another(log.store, { waitingEvents: 8 });
      const tenant = await log.newTenant();
      const other = { tenant, storeId: await log.newStream(tenant) };
      const agent = await log.newAgent(other);
      const flood = async () => await events(Array.from({ length: 12 }, () => ({})));
      const few = await Promise.all([1, 2, 3, 4].map(() => eventOf(other, agent)));
      const taken = async (...sent: Promise<unknown>[]) =>
        (await Promise.allSettled(sent)).filter(({ status }) => status === "fulfilled").length;
      const send = (of: Pick<TestLog, "tenant" | "storeId">, all: readonly unknown[]) =>
        taken(...all.map((each) => narrow.submit({ tenant: of.tenant }, of.storeId, each)));
      const floods = [await flood(), await flood(), await flood()] as const;
      expect(await Promise.all([send(log, floods[0]), send(other, few)])).to.deep.equal([8, 0]);
      expect(await Promise.all([send(log, floods[1]), send(other, few)])).to.deep.equal([4, 4]);
      log.clock.offset = 6_000;
      expect(await send(log, floods[2]), "nobody waits any more").to.equal(8);
      log.clock.offset = 0;
      await narrow.close();
    });

    it("is not given any more once the process is shutting down, and all that were given stand", async () => {
      const ending = log.another();
      const waiting = (await events([{}, {}, {}])).map((each) =>
        ending.submit({ tenant: log.tenant }, log.storeId, each),
      );
      const taken = Promise.all(waiting);
      await ending.close();
      const late = ending.submit({ tenant: log.tenant }, log.storeId, await eventOf(log, agent));
      expect((await refusal(late)).code).to.equal("unavailable");
      const sequences = new Set(await sequencesOf(log));
      for (const { sequence } of await taken) expect(sequences.has(sequence)).to.equal(true);
    });
  });
}
