/** Keys of every kind that are due, and how each is rotated (docs/keys.md). */

export {
  agentKeyItem,
  type DueItem,
  type KeyParts,
  keystoreItems,
  keystoreReport,
  serviceKeyItem,
} from "./due.ts";
export { type AgentKeyAge, agentKeysInUse } from "./log-keys.ts";
export { configuredKeyParts } from "./parts.ts";
export { stepsAfterBackupSigner, stepsAfterMaster, stepsAfterRotation } from "./steps.ts";
