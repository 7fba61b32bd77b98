import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { parseEvent, verifyReceipt } from "../../../src/core/log/index.ts";
import { KINDS } from "../support.ts";
import { eventOf, refusal, sequencesOf, startLog, type TestAgent, type TestLog } from "./support.ts";

for (const kind of KINDS) {
  describe(`The way into the log on ${kind}`, function () {
    this.timeout(60_000);
    let log: TestLog;
    let agent: TestAgent;
    before(async () => {
      log = await startLog(kind);
      agent = await log.newAgent();
    });
    after(() => log?.close());
    const submit = (json: unknown) => log.ingest.submit({ tenant: log.tenant }, log.storeId, json);
    const receiptKeys = async () => {
      const key = log.signers.activeKey("receipt");
      return new Map([[key.keyId, key.publicKey]]);
    };

    it("answers an event with a receipt that its sender can check", async () => {
      const json = await eventOf(log, agent);
      const { receipt, sequence, duplicate, entityVersion } = await submit(json);
      verifyReceipt(receipt, parseEvent(json), await receiptKeys());
      expect({ sequence: receipt.sequence, duplicate, entityVersion }).to.deep.equal({
        sequence,
        duplicate: false,
        entityVersion: 1n,
      });
      expect((await sequencesOf(log)).at(-1)).to.equal(sequence);
    });

    it("answers the very same event with the very same receipt, also when it comes many times at once", async () => {
      const json = await eventOf(log, agent, { commandId: randomUUID() });
      const answers = await Promise.all(Array.from({ length: 20 }, () => submit(json)));
      const again = await submit(json);
      expect(new Set(answers.map(({ sequence }) => sequence)).size).to.equal(1);
      for (const { receipt } of answers) expect(receipt).to.deep.equal(again.receipt);
      expect(answers.filter(({ duplicate }) => !duplicate)).to.have.length(1);
      expect(again.duplicate).to.equal(true);
    });

    it("refuses another content under an event id that is taken", async () => {
      const json = await eventOf(log, agent);
      await submit(json);
      const other = await eventOf(log, agent, { eventId: json.event_id as string });
      expect((await refusal(submit(other))).code).to.equal("event-id-conflict");
    });
  });
}
