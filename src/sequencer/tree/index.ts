/** The streams' RFC 9162 trees: tiles, proofs, published checkpoints. */
export { LogReader, type LogReaderOptions } from "./log-reader.ts";
export type { StreamKey } from "./tile-rows.ts";
