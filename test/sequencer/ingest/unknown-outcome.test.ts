import { expect } from "chai";
import { UnavailableError } from "../../../src/core/errors.ts";
import { proveAgentKey } from "../../../src/core/log/index.ts";
import { Agents } from "../../../src/sequencer/agents/index.ts";
import { createIngest } from "../../../src/sequencer/ingest/index.ts";
import type { Database } from "../../../src/sequencer/store/index.ts";
import { KINDS } from "../support.ts";
import {
  eventOf,
  newSigner,
  refusal,
  sequencesOf,
  startLog,
  type TestAgent,
  type TestLog,
} from "./support.ts";

/** What becomes of a transaction's end: its answer is lost, or it never arrives. */
type Fate = "committed, answer lost" | "not committed" | "fine";

/** The real database over a line that breaks at the commits one says. */
function breaking(database: Database, fates: Fate[]): Database {
  return {
    ...database,
    async transaction(tenant, work) {
      const fate = fates.shift() ?? "fine";
      const lost = () => new UnavailableError("the database does not answer");
      const result = await database.transaction(tenant, async (sql) => {
        const done = await work(sql);
        if (fate === "not committed") throw lost();
        return done;
      });
      if (fate === "committed, answer lost") throw lost();
      return result;
    },
  };
}

for (const kind of KINDS) {
  describe(`When nobody knows whether an event was committed, on ${kind}`, function () {
    this.timeout(60_000);
    let log: TestLog;
    let agent: TestAgent;
    const fates: Fate[] = [];
    let database: Database;
    before(async () => {
      log = await startLog(kind);
      agent = await log.newAgent();
      database = breaking(log.store.as("app"), fates);
    });
    after(() => log?.close());
    const way = (patience = 8_000) => createIngest({ ...log, database, limits: { patience } });
    /** A way in that has read what it needs, so that the next transaction is the group's. */
    const readyWay = async (patience?: number) => {
      const ingest = way(patience);
      await ingest.submit({ tenant: log.tenant }, log.storeId, await eventOf(log, agent));
      return ingest;
    };

    for (const fate of ["committed, answer lost", "not committed"] as const) {
      it(`the next try finds out (${fate}), and the event has one place, told as new`, async () => {
        const ingest = await readyWay();
        const before = (await sequencesOf(log)).length;
        const json = await eventOf(log, agent);
        fates.push(fate, fate);
        const answer = await ingest.submit({ tenant: log.tenant }, log.storeId, json);
        expect(answer).to.include({ duplicate: false, sequence: BigInt(before + 1) });
        expect(await sequencesOf(log)).to.have.length(before + 1);
        const again = await ingest.submit({ tenant: log.tenant }, log.storeId, json);
        expect(again).to.deep.equal({ ...answer, duplicate: true });
        await ingest.close();
      });
    }

    it("the others of its group are answered as they are", async () => {
      const ingest = await readyWay();
      const stored = await eventOf(log, agent, { entityId: "stored" });
      await ingest.submit({ tenant: log.tenant }, log.storeId, stored);
      const [good, late] = await Promise.all([eventOf(log, agent), eventOf(log, agent, { baseVersion: 9n })]);
      fates.push("committed, answer lost");
      const answers = await Promise.allSettled(
        [good, late].map((json) => ingest.submit({ tenant: log.tenant }, log.storeId, json)),
      );
      expect(answers.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected"]);
      await ingest.close();
    });

    it("nothing is called a success while it stays unknown; sending the event again tells", async () => {
      const ingest = await readyWay(200);
      const json = await eventOf(log, agent);
      fates.push(...Array<Fate>(20).fill("committed, answer lost"));
      const refused = await refusal(ingest.submit({ tenant: log.tenant }, log.storeId, json));
      expect(refused).to.include({ code: "unavailable", retryAfter: 2 });
      fates.length = 0;
      const answer = await ingest.submit({ tenant: log.tenant }, log.storeId, json);
      expect(answer.duplicate).to.equal(true);
      await ingest.close();
    });

    it("an own event is written once, and what belongs to it is kept once", async () => {
      const ingest = await readyWay();
      const before = (await sequencesOf(log)).length;
      const done: bigint[] = [];
      const draft = { entityType: "proofx.test", entityId: "1", eventType: "proofx.test.done", payload: {} };
      fates.push("not committed", "committed, answer lost");
      const answer = await ingest.appendOwn(log.tenant, log.storeId, draft, async (_sql, sequence) => {
        done.push(sequence);
      });
      expect(answer).to.include({ sequence: BigInt(before + 1), duplicate: false });
      // Once for the try that was undone, once for the one that was not.
      expect(done).to.deep.equal([answer.sequence, answer.sequence]);
      expect(await sequencesOf(log)).to.have.length(before + 1);
      await ingest.close();
    });

    it("an act of the log's own is done once, with what belongs to it", async () => {
      const ingest = await readyWay();
      const agents = new Agents({ database: log.store.as("app"), ingest });
      const signer = newSigner();
      const statement = { tenantId: log.tenant, storeId: log.storeId, agentId: agent.id, keyId: 2 };
      const proof = await proveAgentKey(statement, signer);
      const before = (await sequencesOf(log)).length;
      fates.push("committed, answer lost", "not committed");
      const key = await agents.register({
        tenant: log.tenant,
        store: log.storeId,
        agent: agent.id,
        keyId: 2,
        publicKey: signer.publicKey,
        proof,
      });
      expect(key.registeredAt).to.equal(BigInt(before + 1));
      expect(await sequencesOf(log)).to.have.length(before + 1);
      await ingest.close();
    });
  });
}
