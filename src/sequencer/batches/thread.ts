import { Worker } from "node:worker_threads";
import { UnavailableError } from "../../core/errors.ts";
import { type BatchRows, type ComputedBatch, computeBatch } from "./compute.ts";

/** A full batch of facts takes about a quarter of this; beyond it the thread ends, and not the whole service. */
const HEAP_MIB = 1_024;
/** Up to so many hashes are done here at once: a thread takes longer to start. */
const FEW_LEAVES = 256;
const FEW_FACTS = 8;

/**
 * Computes a batch as `computeBatch`, a large one in a thread of its own, which ends with it.
 *
 * @throws UnavailableError when the thread breaks; the batch can be computed again.
 */
export async function computeInThread(rows: BatchRows): Promise<ComputedBatch> {
  if (rows.leaves.length <= FEW_LEAVES * 32 && rows.facts.length <= FEW_FACTS) return computeBatch(rows);
  const thread = new Worker(new URL("./worker.ts", import.meta.url), {
    name: "batch",
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  });
  try {
    return await new Promise<ComputedBatch>((resolve, reject) => {
      thread.once("message", resolve);
      thread.once("error", (cause) =>
        reject(new UnavailableError(`a batch could not be computed: ${cause.message}`, { cause })),
      );
      thread.once("exit", () => reject(new UnavailableError("the thread that computes a batch ended")));
      thread.postMessage(rows);
    });
  } finally {
    await thread.terminate();
  }
}
