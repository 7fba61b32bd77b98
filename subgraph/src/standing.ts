import { Attestation, Batch, CircuitVersion, Policy, Signer } from "../generated/schema";

/** Says anew what an attestation is worth after something it stands on has changed; the contract's view asks the same. */
export function refresh(attestation: Attestation): void {
  attestation.state = stateOf(attestation);
  attestation.save();
}

export function refreshAll(attestations: Attestation[]): void {
  for (let i = 0; i < attestations.length; i++) refresh(attestations[i]);
}

function stateOf(attestation: Attestation): string {
  let policy = Policy.load(attestation.policy);
  if (policy !== null && !policy.active) return "VOID";

  let signer = Signer.load(attestation.signer);
  if (signer !== null) {
    let since = signer.distrustedSince;
    if (since && since.le(attestation.attestedAt)) return "VOID";
  }

  let version = CircuitVersion.load(attestation.circuitVersion);
  if (version !== null) {
    if (version.status == "BROKEN") return "VOID";
    let since = version.distrustedSince;
    if (since && since.le(attestation.attestedAt)) return "VOID";
  }

  let batchId = attestation.batch;
  if (batchId === null) return "UNKNOWN";
  let batch = Batch.load(batchId);
  if (batch === null) return "UNKNOWN";
  return batch.status == "CUT" ? "VOID" : "STANDING";
}
