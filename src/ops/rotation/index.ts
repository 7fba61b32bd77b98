/** Keys of every kind that are due, and how each is rotated (docs/keys.md). */

export { type AgentKeyAge, agentKeysInUse } from "./log-keys.ts";
export { DAYS, fullSchedule, type NamedKeys } from "./schedule.ts";
export { stepsAfterMaster, stepsAfterRotation } from "./steps.ts";
