import { parentPort, workerData } from "node:worker_threads";
import { createProver, type Prover } from "../../compliance/index.ts";
import { CheckError, ProofXError } from "../../core/errors.ts";
import { toCircuitInputs } from "./inputs.ts";
import { warmUpInputs } from "./warm-up.ts";
import type { WorkerAnswer, WorkerJob, WorkerStart } from "./worker-protocol.ts";

/** A worker thread: proves one job after another, with every circuit version loaded and warm. */
const { circuits } = workerData as WorkerStart;
const port = parentPort;
if (port === null) throw new Error("this runs as a worker thread");
const answer = (message: WorkerAnswer): void => port.postMessage(message);

const provers = new Map<number, Prover>();
try {
  for (const { version, wasm, zkey } of circuits) provers.set(version, await warm(wasm, zkey));
  port.on("message", (job: WorkerJob) => void prove(job));
  answer({ kind: "warm" });
} catch (error) {
  answer({ kind: "cold", reason: error instanceof Error ? error.message : String(error) });
}

async function warm(wasm: string, zkey: string): Promise<Prover> {
  const prover = await createProver({ wasm, zkey });
  const { proof, signals } = await prover.prove(warmUpInputs());
  if (!(await prover.verify(proof, signals)))
    throw new CheckError(`${zkey}: its proofs do not verify under its own key`);
  return prover;
}

async function prove({ circuitVersion, inputs }: WorkerJob): Promise<void> {
  try {
    const prover = provers.get(circuitVersion);
    if (prover === undefined) throw new Error("the service asks for versions it has");
    const { proof, signals, timings } = await prover.prove(toCircuitInputs(inputs));
    const milliseconds = Math.round(timings.total);
    answer({ kind: "proved", result: { proof, signals: [...signals], milliseconds } });
  } catch (error) {
    // A refusal names templates and signals, never a value; what any other error says is not known.
    answer(
      error instanceof ProofXError
        ? { kind: "refused", detail: error.message }
        : { kind: "broken", reason: error instanceof Error ? error.name : typeof error },
    );
  }
}
