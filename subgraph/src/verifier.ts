// What the manifest calls for the verifier, by file.
export { handleRoleAdminChanged, handleRoleGranted, handleRoleRevoked } from "./access";
export {
  handleDefaultAdminDelayChangeCanceled,
  handleDefaultAdminDelayChangeScheduled,
  handleDefaultAdminTransferCanceled,
  handleDefaultAdminTransferScheduled,
} from "./admin";
export {
  handleCircuitVersionActivated,
  handleCircuitVersionAdded,
  handleCircuitVersionDistrusted,
  handleCircuitVersionRetired,
} from "./circuits";
export { handleGuardianRearmed, handlePausedUntil, handleUnpaused } from "./pauses";
export { handlePolicyRegistered, handlePolicyRetired } from "./policies";
export { handleProofVerified } from "./proofs";
export { handleSignerDistrusted } from "./signers";
export { handleEIP712DomainChanged, handleInitialized, handleUpgraded } from "./upgrades";
