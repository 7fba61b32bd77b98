import { expect } from "chai";
import { artifacts } from "../../compliance/support/artifacts.ts";
import { startTestProver, type TestProver, until } from "./support/prover.ts";

const BUSY = 'proofx_prover_workers{state="busy"';
const KEY = { "idempotency-key": "across-a-restart" };

describe("The end of a prover service", function () {
  this.timeout(300_000);
  let prover: TestProver;
  before(() => artifacts());
  beforeEach(async () => {
    prover = await startTestProver({ prover: ["workers = 1"] });
  });
  afterEach(() => prover.end("SIGKILL"));

  it("SIGTERM: the proof at work is answered, what waits is told to go elsewhere, nothing new comes in; exit code 0", async () => {
    const atWork = prover.prove(1n);
    await until(async () => (await prover.metric(BUSY)) === 1);
    const waiting = prover.prove(2n);
    await until(async () => (await prover.metric('proofx_prover_queue_jobs{state="queued"')) === 1);
    const ended = prover.end("SIGTERM");
    expect((await atWork).body.status).to.equal("proved");
    const { status, body, headers } = await waiting;
    expect([status, body.code]).to.deep.equal([503, "stopping"]);
    expect(headers.get("retry-after")).to.match(/^\d+$/);
    expect(await ended).to.equal(0);
    const refused = await prover.prove(3n).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(TypeError);
  });

  it("kill -9 in the midst of a proof: the same request with the same key is proved after a restart", async () => {
    const kept = await prover.prove(4n);
    const lost = prover.prove(5n, KEY).catch(() => "cut off");
    await until(async () => (await prover.metric(BUSY)) === 1);
    expect(await prover.end("SIGKILL")).to.equal("SIGKILL");
    expect(await lost).to.equal("cut off");
    prover = await startTestProver({ prover: ["workers = 1"] });
    const again = await prover.prove(5n, KEY);
    expect(again.body.status).to.equal("proved");
    // In memory nothing outlives the process: results are forgotten, too.
    expect((await prover.send("GET", `/v1/jobs/${kept.body.id}`)).status).to.equal(404);
  });
});
