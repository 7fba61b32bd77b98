import { BigInt, bigInt, Bytes } from "@graphprotocol/graph-ts";
import {
  CallExecuted,
  CallSalt,
  CallScheduled,
  Cancelled,
  MinDelayChange,
} from "../generated/TimelockController/TimelockController";
import { TimelockCall, TimelockOperation } from "../generated/schema";
import { slice } from "./bytes";
import { contractOf, record } from "./common";

export { handleRoleAdminChanged, handleRoleGranted, handleRoleRevoked } from "./access";

export function handleCallScheduled(event: CallScheduled): void {
  // One event a call. What was cancelled may be scheduled again under the same id; saving keeps what is not written.
  let operation = new TimelockOperation(event.params.id);
  operation.status = "SCHEDULED";
  operation.predecessor = event.params.predecessor;
  operation.salt = new Bytes(32);
  operation.delay = event.params.delay;
  operation.proposer = event.transaction.from;
  operation.scheduledAt = event.block.timestamp;
  operation.readyAt = bigInt.plus(event.block.timestamp, event.params.delay);
  operation.cancelledAt = null;
  operation.canceller = null;
  operation.save();

  let call = new TimelockCall(callId(event.params.id, event.params.index));
  call.operation = operation.id;
  call.index = event.params.index.toI32();
  call.target = event.params.target;
  call.value = event.params.value;
  call.data = event.params.data;
  call.selector =
    event.params.data.length < 4 ? new Bytes(0) : slice(event.params.data, 0, 4);
  call.executed = false;
  call.save();
  record(event, "CallScheduled", operation.id.toHexString());
}

/** Follows the calls of its operation, in the same transaction, unless the salt is zero. */
export function handleCallSalt(event: CallSalt): void {
  let operation = TimelockOperation.load(event.params.id);
  if (operation !== null) {
    operation.salt = event.params.salt;
    operation.save();
  }
  record(event, "CallSalt", event.params.id.toHexString());
}

export function handleCallExecuted(event: CallExecuted): void {
  let operation = TimelockOperation.load(event.params.id);
  if (operation !== null) {
    operation.status = "EXECUTED";
    operation.executedAt = event.block.timestamp;
    operation.executor = event.transaction.from;
    operation.save();
  }
  let call = TimelockCall.load(callId(event.params.id, event.params.index));
  if (call !== null) {
    call.executed = true;
    call.save();
  }
  record(event, "CallExecuted", event.params.id.toHexString());
}

export function handleCancelled(event: Cancelled): void {
  let operation = TimelockOperation.load(event.params.id);
  if (operation !== null) {
    operation.status = "CANCELLED";
    operation.cancelledAt = event.block.timestamp;
    operation.canceller = event.transaction.from;
    operation.save();
  }
  record(event, "Cancelled", event.params.id.toHexString());
}

export function handleMinDelayChange(event: MinDelayChange): void {
  let contract = contractOf(event);
  contract.minDelay = event.params.newDuration;
  contract.save();
  record(event, "MinDelayChange", event.params.newDuration.toString());
}

function callId(operation: Bytes, index: BigInt): string {
  return operation.toHexString() + "-" + index.toString();
}
