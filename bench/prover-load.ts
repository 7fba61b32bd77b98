import { artifacts, inputsOf } from "../test/compliance/support/artifacts.ts";
import { requestOf, startTestProver, type TestProver } from "../test/services/prover/support/prover.ts";

/** A prover service in a process of its own, with a worker for each processor. */
export async function startService(settings: readonly string[] = []): Promise<TestProver> {
  await artifacts();
  const quiet = ["queue_length = 64", ...settings];
  return await startTestProver({ prover: quiet });
}

/** Requests in flight that keep every worker busy: while one is answered, another waits. */
export async function fullLoad(service: TestProver): Promise<number> {
  const workers = await service.metric('proofx_prover_workers{state="warm"');
  if (workers === 0) throw new Error("the service has no warm worker");
  return 2 * workers;
}

/**
 * Keeps `clients` synchronous requests in flight as long as `more()` says so, each for a statement of its own.
 *
 * @returns Each request's milliseconds.
 * @throws Error when one does not come back with a proof.
 */
export async function load(service: TestProver, clients: number, more: () => boolean): Promise<number[]> {
  const times: number[] = [];
  let context = 1n;
  const ask = async (): Promise<void> => {
    while (more()) {
      const began = performance.now();
      context += 1n;
      const { status, text } = await service.send("POST", "/v1/proofs", requestOf(inputsOf({ context })));
      if (status !== 200) throw new Error(`the service answered ${status}: ${text}`);
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: clients }, ask));
  return times;
}
