import { Bytes, ethereum } from "@graphprotocol/graph-ts";
import { GuardianRearmed, PausedUntil, Unpaused } from "../generated/ProofXVerifier/ProofXVerifier";
import { Contract, Guardian, Pause } from "../generated/schema";
import { contractOf, idOf, record } from "./common";

export function handlePausedUntil(event: PausedUntil): void {
  let contract = contractOf(event);
  // The admin may pause on top of a guardian's pause, and ends that by it.
  endPause(contract, event, event.params.account);
  let pause = new Pause(idOf(event));
  pause.contract = contract.id;
  pause.account = event.params.account;
  pause.startedAt = event.block.timestamp;
  pause.until = event.params.until;
  pause.block = event.block.number;
  pause.transaction = event.transaction.hash;
  let admin = contract.admin;
  if (!admin || admin.notEqual(event.params.account)) {
    let guardian = new Guardian(event.params.account);
    guardian.armed = false;
    guardian.save();
    pause.guardian = guardian.id;
  }
  pause.save();
  contract.pause = pause.id;
  contract.pausedUntil = event.params.until;
  contract.save();
  record(event, "PausedUntil", event.params.account.toHexString());
}

export function handleUnpaused(event: Unpaused): void {
  let contract = contractOf(event);
  endPause(contract, event, event.params.account);
  contract.pausedUntil = event.block.timestamp;
  contract.save();
  record(event, "Unpaused", event.params.account.toHexString());
}

export function handleGuardianRearmed(event: GuardianRearmed): void {
  let guardian = new Guardian(event.params.guardian);
  guardian.armed = true;
  guardian.rearmedAt = event.block.timestamp;
  guardian.save();
  record(event, "GuardianRearmed", event.params.guardian.toHexString());
}

/** Ends the newest pause, if it has not run out by itself. */
function endPause(contract: Contract, event: ethereum.Event, by: Bytes): void {
  let id = contract.pause;
  if (!id) return;
  let pause = Pause.load(id);
  if (pause === null || pause.endedAt || pause.until.le(event.block.timestamp)) return;
  pause.endedAt = event.block.timestamp;
  pause.endedBy = by;
  pause.save();
}
