import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { SCALAR_ORDER } from "../../../src/core/bn254.ts";
import { toHex, uint } from "../../../src/core/bytes.ts";
import { factCommitment, factsToJson } from "../../../src/core/facts/index.ts";
import type { Json } from "../../../src/core/json.ts";
import { type EventHeader, parseEvent, sealPayload } from "../../../src/core/log/index.ts";
import { eventAad } from "../../../src/sequencer/at-rest/index.ts";
import { KINDS } from "../support.ts";
import {
  eventOf,
  headerOf,
  newSigner,
  refusal,
  registerAgent,
  startLog,
  type TestAgent,
  type TestLog,
} from "./support.ts";

const READER = new Uint8Array(32).fill(9);
const FACTS = { amounts: [100n, 50n, 0n, 0n], category: 3, salt: 77n } as const;
const COMMITMENT = uint("commitment", factCommitment(FACTS), 32);

for (const kind of KINDS) {
  describe(`What the log takes on ${kind}`, function () {
    this.timeout(60_000);
    let log: TestLog;
    let agent: TestAgent;
    before(async () => {
      log = await startLog(kind);
      agent = await log.newAgent();
    });
    after(() => log?.close());
    const submit = (json: unknown, agentId?: string) =>
      log.ingest.submit({ tenant: log.tenant, agentId }, log.storeId, json);
    const refusedAs = async (json: unknown, agentId?: string) => {
      const { code, pointer } = await refusal(submit(json, agentId));
      return [code, pointer];
    };
    const header = (): EventHeader => headerOf(log, agent);

    for (const vesVersion of [1, 2, 3] as const) {
      it(`plain events of version ${vesVersion}`, async () => {
        const optional = { commandId: randomUUID(), baseVersion: 0n };
        const { entityVersion } = await submit(await eventOf(log, agent, { vesVersion, ...optional }));
        expect(entityVersion).to.equal(1n);
      });

      it(`encrypted events of version ${vesVersion}`, async () => {
        const fields = { ...header(), vesVersion };
        const sealed = await sealPayload(fields, { secret: 1 }, [{ kid: 1, publicKey: READER }]);
        const json = await eventOf(log, agent, { ...fields, ...sealed.fields } as never);
        expect((await submit(json)).duplicate).to.equal(false);
      });
    }

    it("and keeps the payload sealed, bound to its place", async () => {
      const json = await eventOf(log, agent, { payload: { total: "a visible total" } });
      const { sequence } = await submit(json);
      const [row] = await log.store
        .as("app")
        .transaction(log.tenant, (sql) =>
          sql.query<{ payload: Uint8Array }>(
            "SELECT payload FROM events WHERE store_id = $1 AND sequence = $2",
            [log.storeId, sequence],
          ),
        );
      const sealed = row?.payload ?? new Uint8Array();
      expect(Buffer.from(sealed).includes("a visible total")).to.equal(false);
      const aad = eventAad({ ...parseEvent(json), sequence });
      const opened = await log.sealer.open({ tenant: log.tenant, aad }, sealed);
      expect(JSON.parse(Buffer.from(opened).toString())).to.deep.equal({ total: "a visible total" });
      const elsewhere = eventAad({ ...parseEvent(json), sequence: sequence + 1n });
      const moved = await log.sealer
        .open({ tenant: log.tenant, aad: elsewhere }, sealed)
        .catch((error) => error);
      expect(moved).to.be.an("error");
    });

    it("and takes facts that are those it commits to", async () => {
      const payload = { facts: factsToJson(FACTS) as unknown as Json };
      const { sequence } = await submit(await eventOf(log, agent, { payload, factsCommitment: COMMITMENT }));
      expect(sequence > 0n).to.equal(true);
    });

    const salted = (salt: string): Json => ({ ...factsToJson(FACTS), salt }) as unknown as Json;
    for (const [what, payload, factsCommitment, pointer] of [
      [
        "that are not those it commits to",
        { facts: factsToJson({ ...FACTS, salt: 78n }) },
        COMMITMENT,
        "/facts_commitment",
      ],
      ["that are missing", { total: 1 }, COMMITMENT, "/facts_commitment"],
      ["that it does not commit to", { facts: factsToJson(FACTS) }, undefined, "/payload/facts"],
      [
        "with a salt that is no number of the circuit",
        { facts: salted(toHex(uint("p", SCALAR_ORDER, 32))) },
        COMMITMENT,
        "/payload/facts",
      ],
      [
        "with a fifth amount",
        { facts: { ...factsToJson(FACTS), amounts: ["1", "2", "3", "4", "5"] } },
        COMMITMENT,
        "/payload/facts",
      ],
    ] as [string, Json, Uint8Array | undefined, string][]) {
      it(`refuses facts ${what}`, async () => {
        const fields = factsCommitment === undefined ? { payload } : { payload, factsCommitment };
        expect(await refusedAs(await eventOf(log, agent, fields))).to.deep.equal(["facts-mismatch", pointer]);
      });
    }

    it("refuses a facts commitment that is no number of the circuit", async () => {
      const json = { ...(await eventOf(log, agent)), facts_commitment: toHex(uint("p", SCALAR_ORDER, 32)) };
      expect(await refusedAs(json)).to.deep.equal(["event-malformed", "/facts_commitment"]);
    });

    it("refuses what is the log's own to say", async () => {
      for (const [fields, pointer] of [
        [{ entityType: "proofx.key" }, "/entity_type"],
        [{ eventType: "proofx.key.revoked" }, "/event_type"],
      ] as const)
        expect(await refusedAs(await eventOf(log, agent, fields))).to.deep.equal(["reserved-type", pointer]);
    });

    it("refuses an event of another tenant, store or agent than the credential's and the address's", async () => {
      const other = { tenant: randomUUID(), storeId: log.storeId };
      expect(await refusedAs(await eventOf(other, agent))).to.deep.equal(["wrong-tenant", "/tenant_id"]);
      const store = { tenant: log.tenant, storeId: randomUUID() };
      expect(await refusedAs(await eventOf(store, agent))).to.deep.equal(["wrong-stream", "/store_id"]);
      const bound = await refusedAs(await eventOf(log, agent), randomUUID());
      expect(bound).to.deep.equal(["wrong-agent", "/source_agent_id"]);
    });

    it("refuses a stream that nobody opened", async () => {
      const storeId = randomUUID();
      const json = await eventOf({ tenant: log.tenant, storeId }, agent);
      const { code } = await refusal(log.ingest.submit({ tenant: log.tenant }, storeId, json));
      expect(code).to.equal("stream-unknown");
    });

    it("refuses an event dated more than an hour ahead, and takes one dated less", async () => {
      const ahead = (ms: number) =>
        eventOf(log, agent, { createdAt: new Date(Date.now() + ms).toISOString() });
      expect(await refusedAs(await ahead(3_700_000))).to.deep.equal(["created-at-in-future", "/created_at"]);
      expect((await submit(await ahead(3_500_000))).duplicate).to.equal(false);
    });

    it("refuses names that the database cannot hold", async () => {
      for (const [fields, pointer] of [
        [{ entityId: "a\0b" }, "/entity_id"],
        [{ entityId: "é".repeat(513) }, "/entity_id"],
        [{ entityType: "" }, "/entity_type"],
        [{ eventType: "x".repeat(257) }, "/event_type"],
        [{ createdAt: `2026-01-30T12:00:00.${"0".repeat(60)}Z` }, "/created_at"],
      ] as const)
        expect(await refusedAs(await eventOf(log, agent, fields))).to.deep.equal([
          "event-malformed",
          pointer,
        ]);
      const longest = await eventOf(log, agent, { entityId: "é".repeat(512), entityType: "t".repeat(256) });
      expect((await submit(longest)).entityVersion).to.equal(1n);
    });

    it("refuses a payload that does not give the signed hash, and one that is too large", async () => {
      const json = { ...(await eventOf(log, agent)), payload: { total: "13.50" } };
      expect(await refusedAs(json)).to.deep.equal(["payload-hash-mismatch", "/payload_plain_hash"]);
      const cipher = {
        ...(await eventOf(log, agent)),
        payload_cipher_hash: toHex(new Uint8Array(32).fill(1)),
      };
      expect(await refusedAs(cipher)).to.deep.equal(["payload-hash-mismatch", "/payload_cipher_hash"]);
      const large = await eventOf(log, agent, { payload: "x".repeat(2 ** 20) });
      expect(await refusedAs(large)).to.deep.equal(["payload-too-large", undefined]);
    });

    it("refuses an encrypted payload of which one bit is another", async () => {
      const fields = header();
      const sealed = await sealPayload(fields, { secret: 1 }, [{ kid: 1, publicKey: READER }]);
      const json = await eventOf(log, agent, { ...fields, ...sealed.fields } as never);
      const inner = json.payload_encrypted as { ciphertext_b64u: string };
      const first = inner.ciphertext_b64u.startsWith("A") ? "B" : "A";
      const changed = { ...inner, ciphertext_b64u: first + inner.ciphertext_b64u.slice(1) };
      const refused = await refusedAs({ ...json, payload_encrypted: changed });
      expect(refused).to.deep.equal(["payload-hash-mismatch", "/payload_cipher_hash"]);
    });

    it("refuses a signature by another key, over another event, or that is not Ed25519's", async () => {
      const thief = { ...agent, signer: newSigner() };
      expect(await refusedAs(await eventOf(log, thief))).to.deep.equal([
        "signature-invalid",
        "/agent_signature",
      ]);
      const [one, two] = [await eventOf(log, agent), await eventOf(log, agent)];
      const swapped = { ...one, agent_signature: two.agent_signature };
      expect(await refusedAs(swapped)).to.deep.equal(["signature-invalid", "/agent_signature"]);
      const zero = { ...one, agent_signature: toHex(new Uint8Array(64)) };
      expect(await refusedAs(zero)).to.deep.equal(["signature-invalid", "/agent_signature"]);
    });

    it("refuses an unsigned field that was added, from version 2 on", async () => {
      const json = { ...(await eventOf(log, agent, { vesVersion: 2 })), command_id: randomUUID() };
      expect(await refusedAs(json)).to.deep.equal(["signature-invalid", "/agent_signature"]);
    });

    it("refuses an agent of another tenant or stream, whatever key it has there", async () => {
      const tenant = await log.newTenant();
      const there = { tenant, storeId: await log.newStream(tenant) };
      const stranger = await registerAgent(log.agents, there);
      expect(await refusedAs(await eventOf(log, stranger))).to.deep.equal(["key-unknown", "/agent_key_id"]);
      const sibling = await registerAgent(log.agents, { tenant: log.tenant, storeId: await log.newStream() });
      expect(await refusedAs(await eventOf(log, sibling))).to.deep.equal(["key-unknown", "/agent_key_id"]);
      expect(await refusedAs(await eventOf(log, { ...agent, keyId: 2 }))).to.deep.equal([
        "key-unknown",
        "/agent_key_id",
      ]);
    });

    it("says where an event is malformed", async () => {
      const json = await eventOf(log, agent);
      expect(await refusedAs({ ...json, surprise: 1 })).to.deep.equal(["event-malformed", ""]);
      expect(await refusedAs({ ...json, event_id: "1" })).to.deep.equal(["event-malformed", "/event_id"]);
      for (const nothing of [null, 1, "event", [], {}])
        expect((await refusedAs(nothing))[0]).to.equal("event-malformed");
    });
  });
}
