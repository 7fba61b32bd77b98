import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { InputError } from "../../../src/core/errors.ts";
import {
  parseReceipt,
  parseSequencedEvent,
  receiptToJson,
  verifyEvent,
} from "../../../src/core/log/index.ts";
import { atRestSettings, Keeper } from "../../../src/sequencer/at-rest/index.ts";
import { EventReader } from "../../../src/sequencer/read/index.ts";
import { eventOf, startLog, type TestAgent, type TestLog } from "../ingest/support.ts";
import { KINDS } from "../support.ts";

for (const kind of KINDS) {
  describe(`What the log answers, on ${kind}`, function () {
    this.timeout(120_000);
    const settings = atRestSettings.parse({});
    let log: TestLog;
    let reader: EventReader;
    let agent: TestAgent;

    before(async () => {
      log = await startLog(kind);
      reader = new EventReader(log.store.as("app"), log.sealer);
      agent = await log.newAgent();
    });
    after(() => log?.close());

    const stream = () => ({ tenant: log.tenant, store: log.storeId });
    const send = async (fields: object = {}, by = agent) => {
      const json = await eventOf(log, by, fields);
      return { json, accepted: await log.ingest.submit({ tenant: log.tenant }, log.storeId, json) };
    };
    const opened = async (sequence: bigint) => {
      const event = await reader.at(stream(), sequence);
      if (event === undefined) throw new Error(`no event ${sequence}`);
      return event;
    };

    it("an event of each version comes back as its agent signed it, to the last character", async () => {
      for (const vesVersion of [1, 2, 3] as const) {
        const { json, accepted } = await send({
          vesVersion,
          commandId: randomUUID(),
          baseVersion: 0n,
          createdAt: "2026-01-30T12:00:00.120+05:30",
          entityType: 'a "type" {\\,}',
          payload: { text: "ä€😀 \u2028", list: [1.5, -0, 1e21, null, { "": "" }] },
        });
        const { event, receipt, entityVersion } = await opened(accepted.sequence);
        const { sequence_number, ...rest } = event;
        expect(rest).to.deep.equal(json);
        expect(sequence_number).to.equal(
          vesVersion === 3 ? String(accepted.sequence) : Number(accepted.sequence),
        );
        verifyEvent(parseSequencedEvent(event).event, agent.signer.publicKey);
        expect(receipt).to.deep.equal(parseReceipt(receiptToJson(accepted.receipt)));
        expect(entityVersion).to.equal(accepted.entityVersion);
      }
    });

    it("an erased payload is answered as such, with every hash that its agent signed", async () => {
      const leaving = await log.newAgent();
      const { json, accepted } = await send({}, leaving);
      await new Keeper(log.store.as("keeper"), log.keys, settings.master_key).erase(log.tenant, leaving.id);
      log.sealer.forget(log.tenant);
      const { event, receipt } = await opened(accepted.sequence);
      const { payload: _, ...signed } = json;
      expect(event).to.deep.equal({
        ...signed,
        payload_erased: true,
        sequence_number: String(accepted.sequence),
      });
      expect(receipt).to.deep.equal(parseReceipt(receiptToJson(accepted.receipt)));
    });

    it("a payload that is in an archive, too", async () => {
      const { accepted } = await send();
      await log.store
        .as("owner")
        .transaction(null, (sql) =>
          sql.query("UPDATE proofx.events SET payload = '' WHERE store_id = $1 AND sequence = $2", [
            log.storeId,
            accepted.sequence,
          ]),
        );
      const { event } = await opened(accepted.sequence);
      expect(event).to.include({ payload_archived: true });
      expect(event).not.to.have.property("payload");
    });

    it("a record that is in another's row is not answered at all", async () => {
      const [one, two] = [await send(), await send()];
      await log.store.as("owner").transaction(null, (sql) =>
        sql.query(
          `UPDATE proofx.events SET payload = (SELECT payload FROM proofx.events WHERE store_id = $1 AND sequence = $2)
             WHERE store_id = $1 AND sequence = $3`,
          [log.storeId, one.accepted.sequence, two.accepted.sequence],
        ),
      );
      const refused = await reader.at(stream(), two.accepted.sequence).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(Error);
      const page = { from: two.accepted.sequence + 1n, limit: 1 };
      expect((await reader.range(stream(), page)).events).to.have.length(0);
    });

    it("a part ends early when its payloads are large, and says where the next begins", async () => {
      const entityId = randomUUID();
      for (let count = 0; count < 20; count++) await send({ entityId, payload: "x".repeat(1_000) });
      const sparing = new EventReader(log.store.as("app"), log.sealer, 5_000);
      const versions: bigint[] = [];
      let parts = 0;
      for (let from: bigint | undefined = 1n; from !== undefined; parts++) {
        const page = await sparing.ofEntity(stream(), "order", entityId, { from, limit: 1_000 });
        versions.push(...page.events.map(({ entityVersion }) => entityVersion));
        from = page.next;
      }
      expect(versions).to.deep.equal(Array.from({ length: 20 }, (_, index) => BigInt(index + 1)));
      expect(parts).to.equal(4);
    });

    it("no more than a thousand events come at once", async () => {
      for (const limit of [0, 1_001, 1.5, -1]) {
        const refused = await reader.range(stream(), { from: 1n, limit }).catch((error: unknown) => error);
        expect(refused, String(limit)).to.be.instanceOf(InputError);
      }
    });

    it("another tenant sees nothing of it", async () => {
      const other = { ...stream(), tenant: await log.newTenant() };
      expect(await reader.at(other, 1n)).to.equal(undefined);
      expect((await reader.range(other, { from: 1n, limit: 10 })).events).to.deep.equal([]);
    });
  });
}
