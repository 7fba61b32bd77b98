import type { Rule } from "../rule.ts";

/** Which circuit's proofs are let in, and which attestations stand. */
export const CIRCUIT_RULES: readonly Rule[] = [
  {
    id: "CircuitVersionAdded",
    title: "A circuit verifier was named",
    severity: "high",
    source: {
      kind: "event",
      contracts: ["ProofXVerifier"],
      signature: "CircuitVersionAdded(uint32,address,bytes32)",
      labels: ["circuitVersion", "circuitVerifier"],
    },
    resolves: { by: "hand" },
    asked: "001 section 4: Circuit Upgrades",
  },
  {
    id: "CircuitVersionActivated",
    title: "Proofs of a circuit version are let in",
    severity: "high",
    source: {
      kind: "event",
      contracts: ["ProofXVerifier"],
      signature: "CircuitVersionActivated(uint32)",
      labels: ["circuitVersion"],
    },
    resolves: { by: "hand" },
    asked: "001 section 4: Circuit Upgrades",
  },
  {
    id: "CircuitVersionRetired",
    title: "Proofs of a circuit version are refused",
    severity: "high",
    source: {
      kind: "event",
      contracts: ["ProofXVerifier"],
      signature: "CircuitVersionRetired(uint32,bool)",
      labels: ["circuitVersion", "broken"],
    },
    resolves: { by: "hand" },
    asked: "001 section 3, Scenario B",
  },
  {
    id: "CircuitVersionDistrusted",
    title: "Attestations of a circuit version do not stand any more",
    severity: "critical",
    source: {
      kind: "event",
      contracts: ["ProofXVerifier"],
      signature: "CircuitVersionDistrusted(uint32,uint64)",
      labels: ["circuitVersion", "since"],
    },
    resolves: { by: "hand" },
    asked: "001 section 3, Scenario B",
  },
  {
    id: "SignerDistrusted",
    title: "What a signer vouched for does not stand any more",
    severity: "critical",
    source: {
      kind: "event",
      contracts: ["ProofXVerifier"],
      signature: "SignerDistrusted(address,uint64)",
      labels: ["signer", "since"],
    },
    resolves: { by: "hand" },
    asked: "001 section 3, Scenario A",
  },
];
