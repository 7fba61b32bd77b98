/** The streams' RFC 9162 trees: tiles, proofs, published checkpoints. */
export {
  checkpointOfSize,
  insertCosignature,
  lastCosigned,
  latestCheckpoint,
  listCheckpoints,
  type PublishedCheckpoint,
} from "./checkpoint-rows.ts";
export { Checkpointer, type CheckpointerParts, type CheckpointSigner } from "./checkpointer.ts";
export { LogReader, type LogReaderOptions } from "./log-reader.ts";
export { checkpointOrigin } from "./origin.ts";
export { type PublishingOptions, startPublishing } from "./publishing.ts";
export type { StreamKey } from "./tile-rows.ts";
export {
  type CosignatureRequest,
  cosignaturesOf,
  requestCosignatures,
  type WitnessEndpoint,
  type WitnessOutcome,
} from "./witnesses.ts";
