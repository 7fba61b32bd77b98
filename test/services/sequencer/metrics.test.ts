import { expect } from "chai";
import { UnavailableError } from "../../../src/core/errors.ts";
import { newApiKey } from "../../../src/sequencer/auth/index.ts";
import type { Database } from "../../../src/sequencer/store/index.ts";
import { measured } from "../../../src/services/sequencer/measured.ts";
import { eventOf } from "../../sequencer/ingest/support.ts";
import { describeOnEither } from "../../sequencer/support.ts";
import { startWorld, type Tenant, type World } from "./world.ts";

describeOnEither("What an alarm stands on in a sequencer's metrics", function (kind) {
  this.timeout(120_000);
  let world: World;
  let ours: Tenant;

  before(async () => {
    world = await startWorld({}, kind);
    ours = await world.newTenant();
  });
  after(() => world?.close());

  const values = async (series: readonly string[]): Promise<number[]> => {
    const { text } = await world.call("/metrics");
    const lines = text.split("\n");
    return series.map((name) => {
      const line = lines.find((each) => each.startsWith(`proofx_sequencer_${name}`));
      if (line === undefined) throw new Error(`no series ${name}`);
      return Number(line.split(" ").at(-1));
    });
  };

  it("is there at 0, and counts the first forged signature, stranger, and record that was changed at rest", async () => {
    const series = [
      'events_refused_total{code="signature-invalid"',
      'authentication_failures_total{cause="api-key-unknown"',
      "http_denied_total",
      "decryption_failures_total",
      "http_errors_total",
    ];
    expect(await values(series)).to.deep.equal([0, 0, 0, 0, 0]);

    const events = `/v1/stores/${ours.storeId}/events`;
    const forged = await eventOf(ours, ours.agent);
    const other = await eventOf(ours, ours.agent, { payload: { total: "13" } });
    const refused = await world.call(events, {
      credential: ours.credential,
      body: { ...forged, agent_signature: other.agent_signature },
    });
    expect(refused.body.code).to.equal("signature-invalid");
    expect((await world.call(events, { credential: newApiKey("test").text })).status).to.equal(401);
    expect(await values(series)).to.deep.equal([1, 1, 1, 0, 0]);

    const sent = await world.send(ours);
    await world.store
      .as("owner")
      .transaction(null, (sql) =>
        sql.query(
          "UPDATE proofx.events SET payload = set_byte(payload, 95, get_byte(payload, 95) # 1) WHERE sequence = $1",
          [BigInt(sent.body.sequence_number)],
        ),
      );
    const read = await world.call(`${events}/${sent.body.sequence_number}`, { credential: ours.credential });
    expect(read.status).to.be.at.least(500);
    expect(await values(series)).to.deep.equal([1, 1, 1, 1, 1]);
  });

  it("counts a database that is unwell, and none that refuses by a rule of the log", async () => {
    let unwell = 0;
    const failing = async (error: Error): Promise<void> => {
      const database: Database = { kind: "postgres", role: "app", transaction: () => Promise.reject(error) };
      const counted = { committed: () => {}, asked: () => {}, unanswered: () => unwell++ };
      const thrown = await measured(database, counted)
        .transaction(null, async () => {})
        .catch((reason: unknown) => reason);
      expect(thrown).to.equal(error);
    };
    await failing(new UnavailableError("the database does not answer"));
    await failing(Object.assign(new Error("no space left on device"), { code: "53100" }));
    expect(unwell).to.equal(2);
    await failing(Object.assign(new Error("duplicate key"), { code: "23505" }));
    await failing(Object.assign(new Error("payload erased"), { code: "PX001" }));
    expect(unwell).to.equal(2);
  });

  it("has how long the database takes, and the processors that processor time is a share of", async () => {
    const [transactions, errors, processors] = await values([
      "database_seconds_count",
      "database_errors_total",
      "processors",
    ]);
    expect(transactions).to.be.above(0);
    expect(errors).to.equal(0);
    expect(processors).to.be.at.least(1);
  });
});
