/** Agents' keys: registered with a proof that somebody has them, rotated with an overlap, revoked at a place in the log. */
export {
  Agents,
  type AgentsParts,
  type KeyPlace,
  type KeyRegistration,
  type StreamReference,
} from "./agents.ts";
export type { AgentKeyRow } from "./key-rows.ts";
export { requireSoundKey } from "./public-key.ts";
