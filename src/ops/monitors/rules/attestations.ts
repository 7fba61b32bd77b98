import type { Rule } from "../rule.ts";

/** Proofs, and the policies they are made against. */
export const ATTESTATION_RULES: readonly Rule[] = [
  {
    id: "ProofRejected",
    title: "An authorised signer vouched for a proof that does not verify",
    severity: "medium",
    source: {
      kind: "event",
      contracts: ["ProofXVerifier"],
      signature: "ProofVerified(address,uint256,uint256,bool,uint64,uint32)",
      where: [{ argument: "verified", is: "==", value: false }],
      labels: ["signer", "subject", "policyId", "circuitVersion"],
    },
    resolves: { by: "hand" },
    asked: "001 section 2: ProofVerified (Failure), Medium, investigate the signer",
  },
  {
    id: "PolicyRegistered",
    title: "A policy was registered",
    severity: "medium",
    source: {
      kind: "event",
      contracts: ["ProofXVerifier"],
      signature: "PolicyRegistered(uint256,uint256,int32[4],int256,int256,uint64)",
      labels: ["policyId", "policyHash"],
    },
    resolves: { by: "time", seconds: 86_400 },
    asked: "001 section 2: integrity of the protocol",
  },
  {
    id: "PolicyRetired",
    title: "A policy was retired for good",
    severity: "medium",
    source: {
      kind: "event",
      contracts: ["ProofXVerifier"],
      signature: "PolicyRetired(uint256)",
      labels: ["policyId"],
    },
    resolves: { by: "time", seconds: 86_400 },
    asked: "001 section 2: integrity of the protocol",
  },
  {
    id: "AttestGasSpike",
    title: "Attesting costs more gas than it used to",
    severity: "medium",
    source: {
      kind: "metric",
      expression: [
        "sum(rate(proofx_relayer_attest_gas_sum[15m])) / sum(rate(proofx_relayer_attest_gas_count[15m]))",
        "> 1.3 * sum(rate(proofx_relayer_attest_gas_sum[1d])) / sum(rate(proofx_relayer_attest_gas_count[1d]))",
      ].join("\n"),
      for: "5m",
      labels: [],
    },
    resolves: { by: "state" },
    asked: "001 section 2: Gas Spike, Medium, update gas limits",
  },
];
