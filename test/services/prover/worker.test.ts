import { expect } from "chai";
import { toInputTexts } from "../../../src/services/prover/inputs.ts";
import { WorkerPool } from "../../../src/services/prover/pool.ts";
import { WorkerThread } from "../../../src/services/prover/worker-thread.ts";
import { createLog } from "../../../src/services/support/log.ts";
import { artifacts, inputsOf } from "../../compliance/support/artifacts.ts";
import { until } from "./support/prover.ts";

const JOB = { circuitVersion: 1, inputs: toInputTexts(inputsOf()) };
const NEVER = new AbortController().signal;

describe("The prover's workers", function () {
  this.timeout(300_000);
  const log = createLog("test", "silent");
  let circuits: { version: number; wasm: string; zkey: string }[];
  before(async () => {
    const { wasm, setup } = await artifacts();
    circuits = [{ version: 1, wasm, zkey: setup.zkey }];
  });

  it("one that ends in the midst of a proof fails that job, and says so of every later one", async () => {
    const thread = new WorkerThread({ circuits, mod: "node:os" });
    expect(await thread.started).to.equal("warm");
    const running = thread.run(JOB, 60_000, NEVER);
    await thread.end();
    const outcome = await running;
    expect(outcome).to.deep.include({ status: "failed" });
    expect(outcome).to.have.nested.property("problem.code", "worker-failed");
    expect(thread.alive).to.equal(false);
  });

  it("one that takes too long is ended and replaced, and the next job is proved", async () => {
    const pool = await WorkerPool.start({ circuits, size: 1, jobTimeout: 60_000, log });
    const impatient = await WorkerPool.start({ circuits, size: 1, jobTimeout: 20, log });
    try {
      const outcome = await impatient.prove(JOB, NEVER);
      expect(outcome).to.have.nested.property("problem.code", "job-timeout");
      await until(async () => impatient.counts.warm === 1);
      const cancel = new AbortController();
      const cancelled = pool.prove(JOB, cancel.signal);
      cancel.abort();
      expect((await cancelled).status).to.equal("cancelled");
      // Its worker is gone; this one waits for the replacement.
      expect((await pool.prove(JOB, NEVER)).status).to.equal("proved");
    } finally {
      await Promise.all([pool.close(), impatient.close()]);
    }
  });

  it("a job that no worker knows the circuit of breaks no other", async () => {
    const pool = await WorkerPool.start({ circuits, size: 1, jobTimeout: 60_000, log });
    try {
      const strange = await pool.prove({ ...JOB, circuitVersion: 9 }, NEVER);
      expect(strange).to.have.nested.property("problem.code", "worker-failed");
      expect((await pool.prove(JOB, NEVER)).status).to.equal("proved");
    } finally {
      await pool.close();
    }
  });
});
