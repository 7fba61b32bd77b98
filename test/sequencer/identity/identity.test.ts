import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import {
  parseEvent,
  receiptHash,
  receiptMessage,
  streamId,
  verifyEd25519,
  verifyEvent,
} from "../../../src/core/log/index.ts";
import { eventAad } from "../../../src/sequencer/at-rest/index.ts";
import {
  announceServiceKeys,
  dueServiceKeys,
  initLog,
  openSigners,
  publishedKeys,
  readServiceKeys,
  rotateServiceKey,
} from "../../../src/sequencer/identity/index.ts";
import { eventOf, sequencesOf, startLog, type TestAgent, type TestLog } from "../ingest/support.ts";
import { KINDS, refuseEvents } from "../support.ts";

const DAY = 86_400_000;

for (const kind of KINDS) {
  describe(`Who the log is, on ${kind}`, function () {
    this.timeout(60_000);
    let log: TestLog;
    let agent: TestAgent;
    before(async () => {
      log = await startLog(kind);
      agent = await log.newAgent();
    });
    after(() => log?.close());
    const app = () => log.store.as("app");
    /** An own event's payload, and which of the registrar's keys signed it. */
    const own = async (
      sequence: bigint,
      { tenant, storeId } = log as { tenant: string; storeId: string },
    ) => {
      const [row] = await app().transaction(tenant, (sql) =>
        sql.query<Record<string, never>>("SELECT * FROM events WHERE store_id = $1 AND sequence = $2", [
          storeId,
          sequence,
        ]),
      );
      if (row === undefined) throw new Error(`no event ${sequence}`);
      const place = {
        tenantId: tenant,
        storeId,
        eventId: String(row.event_id),
        sequence,
        entityType: String(row.entity_type),
        entityId: String(row.entity_id),
        eventType: String(row.event_type),
      };
      const bytes = await log.sealer.open(
        { tenant, aad: eventAad(place) },
        row.payload as unknown as Uint8Array,
      );
      const payload = JSON.parse(Buffer.from(bytes).toString());
      const event = parseEvent({
        ves_version: 3,
        event_id: row.event_id,
        tenant_id: tenant,
        store_id: storeId,
        source_agent_id: row.source_agent_id,
        agent_key_id: Number(row.agent_key_id),
        entity_type: row.entity_type,
        entity_id: row.entity_id,
        event_type: row.event_type,
        created_at: row.created_at,
        payload_kind: 0,
        payload,
        payload_plain_hash: toHex(row.payload_plain_hash as unknown as Uint8Array),
        payload_cipher_hash: toHex(row.payload_cipher_hash as unknown as Uint8Array),
        agent_signature: toHex(row.agent_signature as unknown as Uint8Array),
      });
      return { event, payload };
    };
    const keyOf = async (purpose: string, keyId: number) => {
      const key = (await app().transaction(null, readServiceKeys)).find(
        (each) => each.purpose === purpose && each.keyId === keyId,
      );
      if (key === undefined) throw new Error(`no key ${purpose} ${keyId}`);
      return key.publicKey;
    };
    const rotate = (purpose: "registrar" | "receipt" | "checkpoint", expected?: number) =>
      rotateServiceKey({ store: log.store, keys: log.keys, ingest: log.ingest }, purpose, expected);

    it("is said by the first event of every stream, which the registrar signed", async () => {
      const { event, payload } = await own(1n);
      expect(event.sourceAgentId).to.equal(log.identity.registrarId);
      verifyEvent(event, await keyOf("registrar", 1));
      expect(payload).to.deep.equal({
        registrar: {
          agent_id: log.identity.registrarId,
          key_id: 1,
          public_key: toHex(await keyOf("registrar", 1)),
        },
        receipt_key: { key_id: 1, public_key: toHex(await keyOf("receipt", 1)) },
        checkpoint_key: {
          origin: `proofx.test/${toHex(streamId(log.tenant, log.storeId)).slice(2)}`,
          public_key: toHex(await keyOf("checkpoint", 1)),
        },
      });
    });

    it("stays the same however often it is made, and the operator's stream is open", async () => {
      const options = { logName: "proofx.test", sealer: log.sealer };
      const again = await Promise.all([1, 2].map(() => initLog(log.store, log.keys, options)));
      for (const { identity } of again) expect(identity).to.deep.equal(log.identity);
      const { operatorTenant: tenant, operatorStore: storeId } = log.identity;
      expect(await sequencesOf({ store: log.store, tenant, storeId })).to.deep.equal([1n]);
    });

    it("has one name for good, that can be a checkpoint's", async () => {
      const named = (logName: string) =>
        initLog(log.store, log.keys, { logName, sealer: log.sealer }).then(
          String,
          (error: Error) => error.name,
        );
      expect(await named("another.test")).to.equal("RefusedError");
      for (const bad of ["", "Upper.test", "two words", "a\nb", "-a", "a+b", "x".repeat(200)])
        expect(await named(bad), bad).to.equal("InputError");
    });

    it("opens a stream once", async () => {
      const storeId = randomUUID();
      const opened = await Promise.all([1, 2, 3].map(() => log.ingest.openStream(log.tenant, storeId)));
      expect(opened.filter(Boolean)).to.have.length(1);
      expect(await sequencesOf({ ...log, storeId })).to.deep.equal([1n]);
    });

    it("signs receipts with the new key once it is rotated, and the old one stays published", async () => {
      const before = await publishedKeys(app());
      const { key, streams } = await rotate("receipt");
      expect([key.keyId, key.keyName]).to.deep.equal([2, "receipt-2"]);
      expect(streams).to.be.above(1);
      const json = await eventOf(log, agent);
      const { receipt } = await log.ingest.submit({ tenant: log.tenant }, log.storeId, json);
      expect(receipt.receiptKeyId).to.equal(2);
      const message = receiptMessage(receiptHash(receipt), receipt.sequencedAt, {});
      expect(verifyEd25519(receipt.receiptSignature, message, await keyOf("receipt", 2))).to.equal(true);
      const after = await publishedKeys(app());
      expect(after).to.have.length(before.length + 1);
      expect(after.find((each) => each.purpose === "receipt" && each.key_id === 1)?.retired_at).to.be.a(
        "string",
      );
      const { payload } = await own(receipt.sequence - 1n);
      expect(payload).to.deep.equal({
        purpose: "receipt",
        key_id: 2,
        public_key: toHex(await keyOf("receipt", 2)),
      });
    });

    it("hands the registrar's word on: the old key signs for the new one, the new one from then on", async () => {
      await rotate("registrar");
      const told = BigInt((await sequencesOf(log)).length);
      const rotation = await own(told);
      expect(rotation.payload).to.include({ purpose: "registrar", key_id: 2 });
      expect(rotation.event.agentKeyId).to.equal(1);
      verifyEvent(rotation.event, await keyOf("registrar", 1));
      await log.newAgent();
      const next = await own(told + 1n);
      expect(next.event.agentKeyId).to.equal(2);
      verifyEvent(next.event, fromHex("key", rotation.payload.public_key));
      const fresh = { tenant: log.tenant, storeId: await log.newStream() };
      expect((await own(1n, fresh)).payload.registrar.key_id).to.equal(2);
    });

    it("is rotated once when the answer was lost, and says again only what a stream lacks", async () => {
      const { key } = await rotate("checkpoint", 1);
      const again = await rotate("checkpoint", 1).catch((error: Error) => error.name);
      expect([key.keyId, again]).to.deep.equal([2, "RefusedError"]);
      const before = await sequencesOf(log);
      expect(await announceServiceKeys({ store: log.store, ingest: log.ingest })).to.equal(0);
      expect(await sequencesOf(log)).to.have.length(before.length);
    });

    it("is told to every stream that takes events, whatever fails in another", async () => {
      const [first, second] = [await log.newStream(), await log.newStream()].sort() as [string, string];
      const letIn = await refuseEvents(log.store, first);
      const told = async (storeId: string) => (await sequencesOf({ ...log, storeId })).length - 1;
      expect(await rotate("checkpoint").catch((error: Error) => error.message)).to.contain(
        "refused by a test",
      );
      const lacking = await told(second);
      expect([await told(first), lacking > 0]).to.deep.equal([0, true]);
      await letIn();
      expect(await announceServiceKeys({ store: log.store, ingest: log.ingest })).to.equal(lacking);
      expect([await told(first), await told(second)]).to.deep.equal([lacking, lacking]);
    });

    it("tells a process that has the wrong keys so", async () => {
      const keys = {
        ...log.keys,
        info: async (name: string) => log.keys.info(name === "receipt-2" ? "receipt" : name),
      };
      const signers = await openSigners(app(), keys as never);
      const error = await signers.active("receipt").catch((reason: Error) => reason.name);
      expect(error).to.equal("CheckError");
    });

    it("is due for rotation after 180 days", async () => {
      const keys = await app().transaction(null, readServiceKeys);
      const due = (days: number) =>
        dueServiceKeys(keys, Date.now() + days * DAY).map(({ overdue }) => overdue);
      expect(due(179)).to.deep.equal([false, false, false]);
      expect(due(181)).to.deep.equal([true, true, true]);
    });
  });
}
