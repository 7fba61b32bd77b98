import { BigInt, Bytes, ethereum } from "@graphprotocol/graph-ts";
import { AnchorerReplaced, StreamOpened, StreamReopened } from "../generated/AnchorRegistry/AnchorRegistry";
import { AnchorerChange, Reopening, Stream } from "../generated/schema";
import { batchAt } from "./chains";
import { idOf, record } from "./common";
import { refreshAll } from "./standing";

export function handleStreamOpened(event: StreamOpened): void {
  let stream = new Stream(event.params.streamId);
  stream.anchorer = event.params.anchorer;
  stream.maturityDelay = event.params.maturityDelay;
  stream.openedAt = event.block.timestamp;
  stream.epoch = 0;
  stream.batchIndex = 0;
  stream.end = BigInt.zero();
  stream.stateRoot = new Bytes(32);
  stream.save();
  record(event, "StreamOpened", stream.id.toHexString());
}

export function handleAnchorerReplaced(event: AnchorerReplaced): void {
  let stream = Stream.load(event.params.streamId);
  if (stream === null) return;
  stream.anchorer = event.params.newAnchorer;
  stream.save();
  let change = new AnchorerChange(idOf(event));
  change.stream = stream.id;
  change.previousAnchorer = event.params.previousAnchorer;
  change.newAnchorer = event.params.newAnchorer;
  change.by = event.transaction.from;
  change.block = event.block.number;
  change.timestamp = event.block.timestamp;
  change.transaction = event.transaction.hash;
  change.save();
  record(event, "AnchorerReplaced", stream.id.toHexString());
}

export function handleStreamReopened(event: StreamReopened): void {
  let stream = Stream.load(event.params.streamId);
  if (stream === null) return;
  let keptIndex = event.params.batchIndex.toI32();
  for (let index = keptIndex + 1; index <= stream.batchIndex; index++) cut(stream, index, event);

  let kept = batchAt(stream, keptIndex);
  stream.batchIndex = keptIndex;
  stream.end = kept === null ? BigInt.zero() : kept.endSequence;
  stream.stateRoot = event.params.stateRoot;
  stream.epoch = event.params.epoch.toI32();
  stream.save();

  let reopening = new Reopening(idOf(event));
  reopening.stream = stream.id;
  reopening.epoch = stream.epoch;
  reopening.keptIndex = keptIndex;
  reopening.cutCount = event.params.cutCount;
  reopening.stateRoot = event.params.stateRoot;
  reopening.block = event.block.number;
  reopening.timestamp = event.block.timestamp;
  reopening.transaction = event.transaction.hash;
  reopening.save();
  record(event, "StreamReopened", stream.id.toHexString());
}

/** Takes a batch out of its stream's chain, and with it what was attested on it. */
function cut(stream: Stream, index: i32, event: ethereum.Event): void {
  let batch = batchAt(stream, index);
  if (batch === null) return;
  batch.status = "CUT";
  batch.cutAt = event.block.timestamp;
  batch.save();
  refreshAll(batch.attestations.load());
}
