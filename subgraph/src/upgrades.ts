import { EIP712DomainChanged, Initialized, Upgraded } from "../generated/ProofXVerifier/ProofXVerifier";
import { Upgrade } from "../generated/schema";
import { contractOf, idOf, record } from "./common";

export function handleUpgraded(event: Upgraded): void {
  let contract = contractOf(event);
  let upgrade = new Upgrade(idOf(event));
  upgrade.contract = contract.id;
  upgrade.implementation = event.params.implementation;
  upgrade.previousImplementation = contract.implementation;
  upgrade.block = event.block.number;
  upgrade.timestamp = event.block.timestamp;
  upgrade.transaction = event.transaction.hash;
  upgrade.save();
  contract.implementation = event.params.implementation;
  contract.save();
  record(event, "Upgraded", event.params.implementation.toHexString());
}

export function handleInitialized(event: Initialized): void {
  let contract = contractOf(event);
  contract.initializedVersion = event.params.version;
  contract.save();
  record(event, "Initialized", event.params.version.toString());
}

/** The contract never changes its domain; a later implementation that did would be seen in the feed. */
export function handleEIP712DomainChanged(event: EIP712DomainChanged): void {
  record(event, "EIP712DomainChanged", contractOf(event).name);
}
