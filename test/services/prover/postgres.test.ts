import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { artifacts, FACTS, inputsOf } from "../../compliance/support/artifacts.ts";
import { startPostgres, type TestPostgres } from "../../support/postgres.ts";
import { holds, requestOf, startTestProver, type TestProver, until } from "./support/prover.ts";

const QUEUE = 6;
const JOBS = "proofx_prover.job";

describe("Provers behind one queue on Postgres", function () {
  this.timeout(300_000);
  let postgres: TestPostgres;
  let folder: string;
  let one: TestProver;
  let two: TestProver;

  const start = () =>
    startTestProver(
      {
        prover: [
          "workers = 1",
          `queue_length = ${QUEUE}`,
          'queue = "postgres"',
          `queue_key_file = "${join(folder, "key")}"`,
        ],
      },
      { PROOFX_PROVER_DATABASE_URL: postgres.url },
    );

  before(async () => {
    await artifacts();
    folder = mkdtempSync(join(tmpdir(), "proofx-queue-"));
    writeFileSync(join(folder, "key"), "0f".repeat(32), { mode: 0o600 });
    postgres = await startPostgres();
    [one, two] = await Promise.all([start(), start()]);
  });
  after(async () => {
    await Promise.all([one?.end("SIGKILL"), two?.end("SIGKILL")]);
    await postgres?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const waiting = async (): Promise<number> => one.metric('proofx_prover_queue_jobs{state="queued"');

  it("any of them takes a job, and any of them tells its result", async () => {
    const { setup } = await artifacts();
    const jobs = await Promise.all([1n, 2n, 3n, 4n].map((context) => one.enqueue(context)));
    const proved = await Promise.all(jobs.map(({ body }) => two.ended(body.id)));
    for (const job of proved) expect(await holds(setup.verificationKeyFile, job)).to.equal(true);
    expect(await two.metric('proofx_prover_jobs_total{outcome="proved"')).to.be.above(0);
    expect(await one.metric('proofx_prover_jobs_total{outcome="proved"')).to.be.above(0);
    expect((await two.prove(5n)).status).to.equal(200);
  });

  it("the same key and body mean the same job to all of them, another body a conflict", async () => {
    const key = { "idempotency-key": "shared" };
    const both = await Promise.all([one.enqueue(6n, key), two.enqueue(6n, key)]);
    expect(both[0]?.body.id).to.equal(both[1]?.body.id);
    expect((await two.prove(6n, key)).body).to.deep.equal(await one.ended(both[0]?.body.id ?? ""));
    expect((await one.prove(7n, key)).body.code).to.equal("idempotency-conflict");
  });

  it("inputs lie encrypted in the database while a job waits, and not at all once it has ended", async () => {
    const { body } = await one.enqueue(8n);
    const [row] = await postgres.query(`SELECT data::text AS data FROM ${JOBS} WHERE id = '${body.id}'`);
    for (const secret of [...FACTS.amounts.slice(0, 2), FACTS.salt])
      expect(String(row?.data)).not.to.include(String(secret));
    await one.ended(body.id);
    const broken = await one.send(
      "POST",
      "/v1/jobs",
      requestOf(inputsOf({ policy: { lower: 790_000_000n } })),
    );
    await two.ended(broken.body.id);
    await until(async () => {
      const kept = await postgres.query(`SELECT id FROM ${JOBS} WHERE data::text LIKE '%sealed%'`);
      return kept.length === 0;
    });
  });

  it("together they take in no more than the queue's length, however many ask at once", async () => {
    const asked = Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? one : two).enqueue(BigInt(20 + i)));
    const answers = await Promise.all(asked);
    const accepted = answers.filter(({ status }) => status === 202);
    expect(accepted.length).to.be.within(QUEUE, 23);
    for (const { status, headers } of answers.filter(({ status }) => status !== 202)) {
      expect(status).to.equal(429);
      expect(headers.get("retry-after")).to.match(/^[1-9]\d*$/);
    }
    for (const { body } of accepted) await one.send("DELETE", `/v1/jobs/${body.id}`);
    await until(async () => (await waiting()) === 0);
  });

  it("one of them cancels what another proves", async () => {
    const jobs = await Promise.all([50n, 51n, 52n].map((context) => one.enqueue(context)));
    for (const { body } of jobs) await two.send("DELETE", `/v1/jobs/${body.id}`);
    for (const { body } of jobs)
      expect(["cancelled", "proved"]).to.include((await one.ended(body.id)).status);
    expect((await one.prove(53n)).status).to.equal(200);
  });

  it("one killed in the midst of a proof loses no job: another does it again", async () => {
    const jobs = await Promise.all([60n, 61n, 62n, 63n].map((context) => two.enqueue(context)));
    await until(async () => (await one.metric('proofx_prover_workers{state="busy"')) === 1);
    expect(await one.end("SIGKILL")).to.equal("SIGKILL");
    for (const { body } of jobs) expect((await two.ended(body.id)).status).to.equal("proved");
    const redone = await postgres.query(`SELECT id FROM ${JOBS} WHERE retry_count > 0`);
    expect(redone.length).to.be.above(0);
    one = await start();
  });

  it("without the database they say so, in readiness and in answers", async () => {
    await postgres.close();
    await until(async () => (await two.send("GET", "/ready")).status === 503);
    const { status, body } = await two.prove(70n);
    expect([status, body.code]).to.deep.equal([503, "queue-unavailable"]);
    expect((await two.send("GET", "/health")).status).to.equal(200);
    const metrics = await (await fetch(`${two.url}/metrics`)).text();
    expect(Number(/^proofx_prover_database_errors_total\S* (\d+)$/m.exec(metrics)?.[1])).to.be.above(0);
    expect(metrics).to.not.match(/^proofx_prover_queue_jobs/m);
  });
});
