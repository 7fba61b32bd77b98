import { BigInt, bigInt } from "@graphprotocol/graph-ts";
import { BatchAnchored, BatchVetoed } from "../generated/AnchorRegistry/AnchorRegistry";
import { Batch, Stream } from "../generated/schema";
import { batchAt, batchId } from "./chains";
import { dayOf, record } from "./common";

export function handleBatchAnchored(event: BatchAnchored): void {
  let stream = Stream.load(event.params.streamId);
  // A stream is opened before anything is anchored in it.
  if (stream === null) return;
  let index = event.params.batchIndex.toI32();
  let batch = new Batch(batchId(stream.id, index, stream.epoch));
  batch.stream = stream.id;
  batch.index = index;
  batch.epoch = stream.epoch;
  batch.status = "LIVE";
  batch.startSequence = event.params.startSequence;
  batch.endSequence = event.params.endSequence;
  let span = bigInt.minus(event.params.endSequence, event.params.startSequence);
  batch.count = bigInt.plus(span, BigInt.fromI32(1));
  batch.batchRoot = event.params.batchRoot;
  batch.factsRoot = event.params.factsRoot;
  batch.logRoot = event.params.logRoot;
  batch.stateRoot = event.params.stateRoot;
  batch.anchorer = stream.anchorer;
  batch.anchoredAt = event.block.timestamp;
  batch.matureAt = event.params.matureAt;
  batch.block = event.block.number;
  batch.transaction = event.transaction.hash;
  batch.save();

  stream.batchIndex = index;
  stream.end = batch.endSequence;
  stream.stateRoot = batch.stateRoot;
  stream.lastAnchoredAt = batch.anchoredAt;
  stream.save();

  let day = dayOf(event);
  day.batchesAnchored += 1;
  day.eventsAnchored = bigInt.plus(day.eventsAnchored, batch.count);
  day.save();
  record(event, "BatchAnchored", batch.id);
}

export function handleBatchVetoed(event: BatchVetoed): void {
  let stream = Stream.load(event.params.streamId);
  if (stream === null) return;
  let batch = batchAt(stream, event.params.batchIndex.toI32());
  if (batch === null) return;
  batch.status = "VETOED";
  batch.vetoedBy = event.params.guardian;
  batch.vetoedAt = event.block.timestamp;
  batch.save();
  record(event, "BatchVetoed", batch.id);
}
