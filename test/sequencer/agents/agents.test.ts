import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { fromHex } from "../../../src/core/bytes.ts";
import { proveAgentKey } from "../../../src/core/log/index.ts";
import type { KeyRegistration } from "../../../src/sequencer/agents/index.ts";
import {
  eventOf,
  newSigner,
  refusal,
  registerAgent,
  sequencesOf,
  startLog,
  type TestLog,
} from "../ingest/support.ts";
import { KINDS, refuseEvents } from "../support.ts";

/** Points of order 1, 2, 4 and 8, and encodings that are none or not the canonical one. */
const BAD_KEYS = {
  "the neutral element": `0x01${"00".repeat(31)}`,
  "a point of order 2": `0xec${"ff".repeat(30)}7f`,
  "a point of order 4": `0x${"00".repeat(32)}`,
  "a point of order 8": "0x26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "a y that is not reduced": `0xee${"ff".repeat(30)}7f`,
  "no point at all": `0x02${"00".repeat(31)}`,
} as const;

for (const kind of KINDS) {
  describe(`Agents' keys on ${kind}`, function () {
    this.timeout(60_000);
    let log: TestLog;
    before(async () => {
      log = await startLog(kind);
    });
    after(() => log?.close());

    const registrationOf = async (
      { agent = randomUUID() as string, keyId = 1, signer = newSigner() } = {},
      rest: Partial<KeyRegistration> = {},
    ): Promise<KeyRegistration> => {
      const proof = await proveAgentKey(
        { tenantId: log.tenant, storeId: log.storeId, agentId: agent, keyId },
        signer,
      );
      const { publicKey } = signer;
      return { tenant: log.tenant, store: log.storeId, agent, keyId, publicKey, proof, ...rest };
    };
    const refused = async (registration: KeyRegistration) => {
      const { code, pointer } = await refusal(log.agents.register(registration));
      return [code, pointer];
    };
    const head = async () => (await sequencesOf(log)).length;

    it("are registered at the place of the event that says so", async () => {
      const registration = await registrationOf();
      const key = await log.agents.register(registration);
      expect(key).to.include({
        agent: registration.agent,
        keyId: 1,
        registeredAt: BigInt(await head()),
        revokedAt: null,
      });
      const [event] = await log.store
        .as("app")
        .transaction(log.tenant, (sql) =>
          sql.query(
            "SELECT event_type, entity_type, entity_id, source_agent_id FROM events WHERE store_id = $1 AND sequence = $2",
            [log.storeId, key.registeredAt],
          ),
        );
      expect(event).to.deep.equal({
        event_type: "proofx.key.registered",
        entity_type: "proofx.key",
        entity_id: `${registration.agent}/1`,
        source_agent_id: log.identity.registrarId,
      });
    });

    it("stay as they are when the same registration comes again, also at the same time", async () => {
      const registration = await registrationOf();
      const before = await head();
      const keys = await Promise.all(Array.from({ length: 5 }, () => log.agents.register(registration)));
      for (const key of keys) expect(key).to.deep.equal(await log.agents.register(registration));
      expect(await head()).to.equal(before + 1);
    });

    it("are refused without a proof by the key itself over this very registration", async () => {
      const good = await registrationOf();
      for (const rest of [
        { agent: randomUUID() },
        { store: await log.newStream() },
        { proof: new Uint8Array(64) },
        { publicKey: newSigner().publicKey },
      ])
        expect(await refused({ ...good, ...rest })).to.deep.equal(["signature-invalid", "/proof"]);
    });

    it("are refused for the registrar, whose events are the log's own", async () => {
      const { registrarId: agent } = log.identity;
      const registration = await registrationOf({ agent });
      expect(await refused(registration)).to.deep.equal(["key-malformed", "/agent"]);
      const json = await eventOf(log, { id: agent, keyId: 1, signer: newSigner() });
      const sent = log.ingest.submit({ tenant: log.tenant }, log.storeId, json);
      expect((await refusal(sent)).code).to.equal("wrong-agent");
    });

    for (const [what, hex] of Object.entries(BAD_KEYS)) {
      it(`are refused when they are ${what}`, async () => {
        const registration = await registrationOf({}, { publicKey: fromHex("key", hex) });
        expect(await refused(registration)).to.deep.equal(["key-malformed", "/public_key"]);
      });
    }

    it("count from 1 upward, and no number is given twice", async () => {
      const agent = randomUUID();
      expect(await refused(await registrationOf({ agent, keyId: 2 }))).to.deep.equal([
        "key-conflict",
        "/key_id",
      ]);
      expect(await refused(await registrationOf({ agent }, { keyId: 0 }))).to.deep.equal([
        "key-malformed",
        "/key_id",
      ]);
      const rivals = await Promise.all([1, 1, 1].map(() => registrationOf({ agent })));
      const settled = await Promise.allSettled(rivals.map((rival) => log.agents.register(rival)));
      expect(settled.filter(({ status }) => status === "fulfilled")).to.have.length(1);
      for (const one of settled)
        if (one.status === "rejected") expect(one.reason).to.include({ code: "key-conflict" });
      expect((await log.agents.register(await registrationOf({ agent, keyId: 2 }))).keyId).to.equal(2);
    });

    it("are each one agent's alone in a stream, and may be used in another", async () => {
      const signer = newSigner();
      const agent = await registerAgent(log.agents, log, { signer });
      expect(await refused(await registrationOf({ signer }))).to.deep.equal(["key-conflict", "/public_key"]);
      const again = await registrationOf({ agent: agent.id, keyId: 2, signer });
      expect(await refused(again)).to.deep.equal(["key-conflict", "/public_key"]);
      const elsewhere = { tenant: log.tenant, storeId: await log.newStream() };
      expect((await registerAgent(log.agents, elsewhere, { signer })).keyId).to.equal(1);
    });

    it("sign for nothing that came before them", async () => {
      const signer = newSigner();
      const agent = { id: randomUUID(), keyId: 1, signer };
      const early = await eventOf(log, agent);
      const submit = () => log.ingest.submit({ tenant: log.tenant }, log.storeId, early);
      expect((await refusal(submit())).code).to.equal("key-unknown");
      const key = await log.agents.register(await registrationOf({ agent: agent.id, signer }));
      expect((await submit()).sequence > key.registeredAt).to.equal(true);
    });

    it("are replaced by one that is in use, once", async () => {
      const agent = await log.newAgent();
      const next = (keyId: number, replaces: number, overlapSeconds?: number) =>
        registrationOf({ agent: agent.id, keyId }, { replaces, overlapSeconds });
      expect(await refused(await next(2, 7))).to.deep.equal(["key-unknown", "/replaces"]);
      expect(await refused(await next(2, 1, -1))).to.deep.equal(["key-malformed", "/overlap_seconds"]);
      await log.agents.register(await next(2, 1, 3600));
      expect(await refused(await next(3, 1))).to.deep.equal(["key-unknown", "/replaces"]);
      const [old] = await log.agents.list({ tenant: log.tenant, store: log.storeId, agent: agent.id });
      expect(old?.replacedBy).to.equal(2);
      expect(Number(old?.retireAfter) - Date.now()).to.be.within(3_500_000, 3_600_000);
      expect(await log.agents.sweep(log.store.as("keeper"))).to.equal(0);
    });

    it("are revoked once, at a place in the log", async () => {
      const agent = await log.newAgent();
      const place = { tenant: log.tenant, store: log.storeId, agent: agent.id, keyId: 1, reason: "lost" };
      const before = await head();
      const keys = await Promise.all([1, 2, 3].map(() => log.agents.revoke(place)));
      expect(new Set(keys.map(({ revokedAt }) => revokedAt))).to.deep.equal(new Set([BigInt(before + 1)]));
      expect(await log.agents.revoke(place)).to.deep.equal(keys[0]);
      expect(await head()).to.equal(before + 1);
      expect((await refusal(log.agents.revoke({ ...place, keyId: 9 }))).code).to.equal("key-unknown");
      expect((await refusal(log.agents.revoke({ ...place, reason: "x".repeat(501) }))).code).to.equal(
        "event-malformed",
      );
    });

    it("whose time is over are put on record, whatever fails in another stream", async () => {
      const streams = [await log.newStream(), await log.newStream()] as const;
      const replaced: KeyRegistration[] = [];
      for (const storeId of streams) {
        const agent = await log.newAgent({ tenant: log.tenant, storeId });
        const there = { tenant: log.tenant, storeId };
        await registerAgent(log.agents, there, { id: agent.id, keyId: 2, replaces: 1, overlapSeconds: 60 });
        replaced.push(await registrationOf({ agent: agent.id }, { store: storeId }));
      }
      const record = async () =>
        await Promise.all(
          replaced.map(async (key) =>
            (await log.agents.list(key)).map(({ revokedAt }) => revokedAt !== null),
          ),
        );
      const letIn = await refuseEvents(log.store, streams[0]);
      log.clock.offset = 61_000;
      try {
        const failed = await log.agents.sweep(log.store.as("keeper")).catch((error: Error) => error.message);
        expect(failed).to.contain("refused by a test");
        expect(await record()).to.deep.equal([
          [false, false],
          [true, false],
        ]);
        await letIn();
        expect(await log.agents.sweep(log.store.as("keeper"))).to.equal(1);
        expect(await record()).to.deep.equal([
          [true, false],
          [true, false],
        ]);
      } finally {
        log.clock.offset = 0;
      }
    });

    it("are not to be had in a stream that nobody opened, nor in another tenant's", async () => {
      const agent = await log.newAgent();
      const tenant = await log.newTenant();
      const proof = await proveAgentKey(
        { tenantId: tenant, storeId: log.storeId, agentId: agent.id, keyId: 1 },
        agent.signer,
      );
      const { publicKey } = agent.signer;
      const there = { tenant, store: log.storeId, agent: agent.id, keyId: 1 };
      expect((await refusal(log.agents.register({ ...there, publicKey, proof }))).code).to.equal(
        "stream-unknown",
      );
      expect((await refusal(log.agents.revoke({ ...there, reason: "" }))).code).to.equal("key-unknown");
    });
  });
}
