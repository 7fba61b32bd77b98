import {
  CircuitVersionActivated,
  CircuitVersionAdded,
  CircuitVersionDistrusted,
  CircuitVersionRetired,
} from "../generated/ProofXVerifier/ProofXVerifier";
import { CircuitVersion } from "../generated/schema";
import { record } from "./common";
import { distrustOf } from "./signers";
import { refreshAll } from "./standing";

export function handleCircuitVersionAdded(event: CircuitVersionAdded): void {
  let version = new CircuitVersion(event.params.circuitVersion.toString());
  version.circuitVerifier = event.params.circuitVerifier;
  version.codeHash = event.params.codeHash;
  version.status = "ADDED";
  version.addedAt = event.block.timestamp;
  version.save();
  record(event, "CircuitVersionAdded", version.id);
}

export function handleCircuitVersionActivated(event: CircuitVersionActivated): void {
  let version = CircuitVersion.load(event.params.circuitVersion.toString());
  if (version !== null) {
    version.status = "ACTIVE";
    version.activatedAt = event.block.timestamp;
    version.save();
  }
  record(event, "CircuitVersionActivated", event.params.circuitVersion.toString());
}

export function handleCircuitVersionRetired(event: CircuitVersionRetired): void {
  let version = CircuitVersion.load(event.params.circuitVersion.toString());
  if (version !== null) {
    version.status = event.params.broken ? "BROKEN" : "SUPERSEDED";
    version.retiredAt = event.block.timestamp;
    version.save();
    refreshAll(version.attestations.load());
  }
  record(event, "CircuitVersionRetired", event.params.circuitVersion.toString());
}

export function handleCircuitVersionDistrusted(event: CircuitVersionDistrusted): void {
  let id = event.params.circuitVersion.toString();
  let version = CircuitVersion.load(id);
  if (version !== null) {
    version.distrustedSince = event.params.since;
    version.save();
    refreshAll(version.attestations.load());
  }
  let distrust = distrustOf(event);
  distrust.circuitVersion = id;
  distrust.since = event.params.since;
  distrust.save();
  record(event, "CircuitVersionDistrusted", id);
}
