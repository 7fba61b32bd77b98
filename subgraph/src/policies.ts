import { PolicyRegistered, PolicyRetired } from "../generated/ProofXVerifier/ProofXVerifier";
import { Policy } from "../generated/schema";
import { record } from "./common";
import { refreshAll } from "./standing";

export function handlePolicyRegistered(event: PolicyRegistered): void {
  let policy = new Policy(event.params.policyId.toString());
  policy.policyHash = event.params.policyHash;
  policy.weights = event.params.weights;
  policy.lower = event.params.lower;
  policy.upper = event.params.upper;
  policy.categoryMask = event.params.categoryMask;
  policy.active = true;
  policy.registeredAt = event.block.timestamp;
  policy.block = event.block.number;
  policy.transaction = event.transaction.hash;
  policy.save();
  record(event, "PolicyRegistered", policy.id);
}

export function handlePolicyRetired(event: PolicyRetired): void {
  let policy = Policy.load(event.params.policyId.toString());
  if (policy !== null) {
    policy.active = false;
    policy.retiredAt = event.block.timestamp;
    policy.save();
    refreshAll(policy.attestations.load());
  }
  record(event, "PolicyRetired", event.params.policyId.toString());
}
