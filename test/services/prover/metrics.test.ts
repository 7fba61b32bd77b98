import { expect } from "chai";
import { createProverMetrics } from "../../../src/services/prover/metrics.ts";
import type { WorkerPool } from "../../../src/services/prover/pool.ts";
import { createMetrics } from "../../../src/services/support/metrics.ts";

describe("A prover's metrics", () => {
  it("are there at 0, so that the first slow proof and the first failure are a rise", async () => {
    const metrics = createMetrics("prover");
    const pool = { counts: { warm: 1, busy: 0 } } as WorkerPool;
    createProverMetrics(metrics, pool, { lengths: async () => ({ queued: 0, running: 0 }) }, 4, [1, 2]);
    const text = await metrics.registry.metrics();
    for (const outcome of ["proved", "inputs-do-not-satisfy", "job-timeout", "worker-failed"])
      expect(text).to.include(`proofx_prover_jobs_total{outcome="${outcome}",service="prover"} 0`);
    for (const version of [1, 2])
      expect(text).to.match(
        new RegExp(
          `^proofx_prover_proof_seconds_bucket\\{le="3",.*circuit_version="${version}".*\\} 0$`,
          "m",
        ),
      );
  });
});
