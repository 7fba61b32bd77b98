import type { Rule } from "../rule.ts";

/** Whether attesting is stopped. */
export const PAUSE_RULES: readonly Rule[] = [
  {
    id: "Paused",
    title: "Attesting is paused",
    severity: "high",
    source: {
      kind: "event",
      contracts: ["ProofXVerifier"],
      signature: "PausedUntil(address,uint64)",
      labels: ["account", "until"],
    },
    resolves: { by: "state", probe: "paused" },
    asked: "001 section 2: Paused, High, protocol halted",
  },
  {
    id: "Unpaused",
    title: "The pause was ended",
    severity: "low",
    source: {
      kind: "event",
      contracts: ["ProofXVerifier"],
      signature: "Unpaused(address)",
      labels: ["account"],
    },
    resolves: { by: "time", seconds: 3_600 },
    asked: "001 section 2: Paused",
  },
  {
    id: "GuardianRearmed",
    title: "A guardian may pause once more",
    severity: "low",
    source: {
      kind: "event",
      contracts: ["ProofXVerifier"],
      signature: "GuardianRearmed(address)",
      labels: ["guardian"],
    },
    resolves: { by: "time", seconds: 86_400 },
    asked: "001 section 2: Paused",
  },
  {
    id: "GuardianPauseEnding",
    title: "A guardian's pause is about to end by itself",
    severity: "high",
    source: { kind: "state", probe: "guardian-pause-ending" },
    resolves: { by: "state" },
    asked: "001 section 3, Scenario B: frozen until the circuit is repaired",
  },
];
