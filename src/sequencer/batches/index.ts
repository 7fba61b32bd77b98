/** Batches: closed ranges of a stream's events, computed from their leaves and facts commitments alone. */
export { type Closing, type ClosingLimits, closeDue } from "./close.ts";
export { Closer } from "./closer.ts";
export { type BatchRows, type ComputedBatch, computeBatch } from "./compute.ts";
export * from "./facts-tree.ts";
export { BatchProofs, type ProvedInBatch } from "./proofs.ts";
export type { BatchRow, OpenRange, StreamKey } from "./rows.ts";
export { computeInThread } from "./thread.ts";
