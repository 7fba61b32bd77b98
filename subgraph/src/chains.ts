import { Bytes } from "@graphprotocol/graph-ts";
import { Batch, Stream } from "../generated/schema";

/** Id of the batch that was anchored in this epoch. */
export function batchId(stream: Bytes, index: i32, epoch: i32): string {
  return stream.toHexString() + "-" + index.toString() + "-" + epoch.toString();
}

/**
 * The batch that has an index in a stream's chain now: of the newest epoch that anchored one, and not cut. Epochs are
 * the timelock's rare acts, so this stays short.
 */
export function batchAt(stream: Stream, index: i32): Batch | null {
  for (let epoch = stream.epoch; epoch >= 0; epoch--) {
    let batch = Batch.load(batchId(stream.id, index, epoch));
    if (batch !== null && batch.status != "CUT") return batch;
  }
  return null;
}
