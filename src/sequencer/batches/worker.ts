import { parentPort } from "node:worker_threads";
import { type BatchRows, computeBatch } from "./compute.ts";

/** The thread's side of `computeInThread`: hashing a large batch takes seconds, which the service's own thread does not have. */
parentPort?.on("message", (rows: BatchRows) => parentPort?.postMessage(computeBatch(rows)));
