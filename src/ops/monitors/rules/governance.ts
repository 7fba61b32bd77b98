import type { Rule } from "../rule.ts";

/** The timelock, and what it alone may do to the code. */
export const GOVERNANCE_RULES: readonly Rule[] = [
  {
    id: "Upgraded",
    title: "The verifier runs other code",
    severity: "critical",
    source: {
      kind: "event",
      contracts: ["ProofXVerifier"],
      signature: "Upgraded(address)",
      labels: ["implementation"],
    },
    resolves: { by: "hand" },
    asked: "001 section 4: Upgrade Strategy",
  },
  {
    id: "TimelockScheduled",
    title: "A call is scheduled in the timelock",
    severity: "high",
    source: {
      kind: "event",
      contracts: ["TimelockController"],
      signature: "CallScheduled(bytes32,uint256,address,uint256,bytes,bytes32,uint256)",
      labels: ["id", "index", "target", "delay"],
    },
    resolves: { by: "hand" },
    asked: "001 section 4: Upgrade Strategy; the delay is the time to look at it",
  },
  {
    id: "TimelockExecuted",
    title: "A call of the timelock was executed",
    severity: "high",
    source: {
      kind: "event",
      contracts: ["TimelockController"],
      signature: "CallExecuted(bytes32,uint256,address,uint256,bytes)",
      labels: ["id", "index", "target"],
    },
    resolves: { by: "time", seconds: 86_400 },
    asked: "001 section 4: Upgrade Strategy",
  },
  {
    id: "TimelockCancelled",
    title: "An operation of the timelock was cancelled",
    severity: "medium",
    source: {
      kind: "event",
      contracts: ["TimelockController"],
      signature: "Cancelled(bytes32)",
      labels: ["id"],
    },
    resolves: { by: "time", seconds: 86_400 },
    asked: "001 section 4: Upgrade Strategy",
  },
  {
    id: "TimelockDelayChanged",
    title: "The timelock's delay is another one",
    severity: "critical",
    source: {
      kind: "event",
      contracts: ["TimelockController"],
      signature: "MinDelayChange(uint256,uint256)",
      labels: ["oldDuration", "newDuration"],
    },
    resolves: { by: "hand" },
    asked: "001 section 4: a short delay leaves no time to look",
  },
  {
    id: "TimelockOperationReady",
    title: "An operation of the timelock can be executed",
    severity: "medium",
    source: { kind: "state", probe: "timelock-ready" },
    resolves: { by: "state" },
    asked: "001 section 4: Upgrade Strategy",
  },
];
