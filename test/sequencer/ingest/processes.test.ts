import { expect } from "chai";
import { type Accepted, Refusal } from "../../../src/sequencer/ingest/index.ts";
import { migrate, openPostgres, type Store } from "../../../src/sequencer/store/index.ts";
import { startPostgres, type TestPostgres } from "../../support/postgres.ts";
import { logOn, manyEvents, sequencesOf, type TestAgent, type TestLog } from "./support.ts";

const EVENTS = 2_000;

describe("Two ways into one log on one PostgreSQL", function () {
  this.timeout(120_000);
  let postgres: TestPostgres;
  let other: Store;
  let log: TestLog;
  let agent: TestAgent;
  before(async () => {
    postgres = await startPostgres();
    const store = await openPostgres(postgres.url);
    other = await openPostgres(postgres.url);
    await migrate(store, { backup: async () => {} });
    log = await logOn({ store, close: () => store.close() });
    agent = await log.newAgent();
  });
  after(async () => {
    await other?.close();
    await log?.close();
    await postgres?.close();
  });
  const noGap = async (): Promise<void> => {
    const sequences = await sequencesOf(log);
    expect(sequences).to.deep.equal(sequences.map((_, index) => BigInt(index + 1)));
  };

  it(`take ${EVENTS} events together, a good part of them sent to both, without a gap or a repeat`, async () => {
    const events = await manyEvents(log, agent, EVENTS);
    const ways = [log.ingest, log.another(other)];
    const sent = events.flatMap((event, index) =>
      ways.filter((_, way) => index % 3 === 0 || index % 2 === way).map((way) => ({ event, way })),
    );
    const answers = await Promise.all(
      sent.map(({ event, way }) => way.submit({ tenant: log.tenant }, log.storeId, event)),
    );
    expect(answers.filter(({ duplicate }) => !duplicate)).to.have.length(EVENTS);
    expect(new Set(answers.map(({ sequence }) => sequence)).size).to.equal(EVENTS);
    await noGap();
    await ways[1]?.close();
  });

  it("lose nothing that was acknowledged when the database ends their connections again and again", async () => {
    const events = await manyEvents(log, agent, 600);
    const ways = [log.another(log.store, { groupEvents: 20 }), log.another(other, { groupEvents: 20 })];
    const killing = (async () => {
      let killed = 0;
      for (let round = 0; round < 40 && killed < 12; round += 1) {
        const rows = await postgres.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'proofx app' AND state <> 'idle'",
        );
        killed += rows.length;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      return killed;
    })();
    const answers: PromiseSettledResult<Accepted>[] = [];
    // Some at a time, so that many transactions meet their end.
    for (let start = 0; start < events.length; start += 100) {
      const some = events.slice(start, start + 100);
      answers.push(
        ...(await Promise.allSettled(
          some.map(
            (event, index) =>
              ways[index % 2]?.submit({ tenant: log.tenant }, log.storeId, event) as Promise<Accepted>,
          ),
        )),
      );
    }
    expect(await killing).to.be.above(0);
    for (const each of answers)
      if (each.status === "rejected")
        expect(each.reason).to.be.instanceOf(Refusal).and.include({ code: "unavailable" });
    const again = await Promise.all(
      events.map((event) => log.ingest.submit({ tenant: log.tenant }, log.storeId, event)),
    );
    // What was acknowledged is there, at the place and with the receipt that was told.
    answers.forEach((answer, index) => {
      if (answer.status !== "fulfilled") return;
      expect(again[index]).to.deep.equal({ ...answer.value, duplicate: true });
      expect(answer.value.duplicate).to.equal(false);
    });
    expect(answers.filter(({ status }) => status === "fulfilled").length).to.be.above(0);
    await noGap();
    for (const way of ways) await way.close();
  });
});
