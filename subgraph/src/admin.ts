import { ethereum } from "@graphprotocol/graph-ts";
// The verifier and the registry emit the same events; the types of one serve both.
import {
  DefaultAdminDelayChangeCanceled,
  DefaultAdminDelayChangeScheduled,
  DefaultAdminTransferCanceled,
  DefaultAdminTransferScheduled,
} from "../generated/ProofXVerifier/ProofXVerifier";
import { AdminChange } from "../generated/schema";
import { contractOf, idOf, isNobody, record } from "./common";

export function handleDefaultAdminTransferScheduled(event: DefaultAdminTransferScheduled): void {
  let contract = contractOf(event);
  // To nobody: the admin is about to give the role up.
  contract.pendingAdmin = event.params.newAdmin;
  contract.pendingAdminFrom = event.params.acceptSchedule;
  contract.save();
  let change = changeOf(event, "TRANSFER_SCHEDULED");
  change.newAdmin = event.params.newAdmin;
  change.effectiveFrom = event.params.acceptSchedule;
  change.save();
  let heir = isNobody(event.params.newAdmin) ? "nobody" : event.params.newAdmin.toHexString();
  record(event, "DefaultAdminTransferScheduled", heir);
}

export function handleDefaultAdminTransferCanceled(event: DefaultAdminTransferCanceled): void {
  let contract = contractOf(event);
  contract.pendingAdmin = null;
  contract.pendingAdminFrom = null;
  contract.save();
  changeOf(event, "TRANSFER_CANCELED").save();
  record(event, "DefaultAdminTransferCanceled", contract.name);
}

export function handleDefaultAdminDelayChangeScheduled(event: DefaultAdminDelayChangeScheduled): void {
  let contract = contractOf(event);
  // What was on its way before and took effect meanwhile is the delay now; no event says so.
  let from = contract.pendingAdminDelayFrom;
  if (from && from.lt(event.block.timestamp)) contract.adminDelay = contract.pendingAdminDelay;
  contract.pendingAdminDelay = event.params.newDelay;
  contract.pendingAdminDelayFrom = event.params.effectSchedule;
  contract.save();
  let change = changeOf(event, "DELAY_CHANGE_SCHEDULED");
  change.newDelay = event.params.newDelay;
  change.effectiveFrom = event.params.effectSchedule;
  change.save();
  record(event, "DefaultAdminDelayChangeScheduled", contract.name);
}

export function handleDefaultAdminDelayChangeCanceled(event: DefaultAdminDelayChangeCanceled): void {
  let contract = contractOf(event);
  contract.pendingAdminDelay = null;
  contract.pendingAdminDelayFrom = null;
  contract.save();
  changeOf(event, "DELAY_CHANGE_CANCELED").save();
  record(event, "DefaultAdminDelayChangeCanceled", contract.name);
}

function changeOf(event: ethereum.Event, kind: string): AdminChange {
  let change = new AdminChange(idOf(event));
  change.contract = contractOf(event).id;
  change.kind = kind;
  change.by = event.transaction.from;
  change.block = event.block.number;
  change.timestamp = event.block.timestamp;
  change.transaction = event.transaction.hash;
  return change;
}
