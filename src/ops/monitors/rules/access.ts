import type { Rule, WatchedContract } from "../rule.ts";

const ALL: readonly WatchedContract[] = ["ProofXVerifier", "AnchorRegistry", "TimelockController"];
const ADMINISTERED: readonly WatchedContract[] = ["ProofXVerifier", "AnchorRegistry"];
const DEFAULT_ADMIN_ROLE = `0x${"00".repeat(32)}`;

/** Who may do what, and who is about to. */
export const ACCESS_RULES: readonly Rule[] = [
  {
    id: "RoleGranted",
    title: "A role was granted",
    severity: "high",
    source: {
      kind: "event",
      contracts: ALL,
      signature: "RoleGranted(bytes32,address,address)",
      // The default admin's has a rule of its own.
      where: [{ argument: "role", is: "!=", value: DEFAULT_ADMIN_ROLE }],
      labels: ["role", "account", "sender"],
    },
    resolves: { by: "hand" },
    asked: "001 section 2: RoleGranted / Revoked, High",
  },
  {
    id: "RoleRevoked",
    title: "A role was revoked",
    severity: "high",
    source: {
      kind: "event",
      contracts: ALL,
      signature: "RoleRevoked(bytes32,address,address)",
      labels: ["role", "account", "sender"],
    },
    resolves: { by: "hand" },
    asked: "001 section 2: RoleGranted / Revoked, High",
  },
  {
    id: "RoleAdminChanged",
    title: "Another role governs a role from now on",
    severity: "critical",
    source: {
      kind: "event",
      contracts: ALL,
      signature: "RoleAdminChanged(bytes32,bytes32,bytes32)",
      labels: ["role", "previousAdminRole", "newAdminRole"],
    },
    resolves: { by: "hand" },
    asked: "001 section 2: RoleGranted / Revoked; no procedure of ours changes a role's admin",
  },
  {
    id: "AdminTransferBegun",
    title: "The default admin is being handed over",
    severity: "critical",
    source: {
      kind: "event",
      contracts: ADMINISTERED,
      signature: "DefaultAdminTransferScheduled(address,uint48)",
      labels: ["newAdmin", "acceptSchedule"],
    },
    resolves: { by: "hand" },
    asked: "001 section 2: check if authorised; there is the admin delay to cancel it in",
  },
  {
    id: "AdminTransferAccepted",
    title: "The default admin is another account",
    severity: "critical",
    source: {
      kind: "event",
      contracts: ALL,
      signature: "RoleGranted(bytes32,address,address)",
      where: [{ argument: "role", is: "==", value: DEFAULT_ADMIN_ROLE }],
      labels: ["account", "sender"],
    },
    resolves: { by: "hand" },
    asked: "001 section 2: RoleGranted, check if authorised",
  },
  {
    id: "AdminTransferCancelled",
    title: "Handing over the default admin was called off",
    severity: "medium",
    source: {
      kind: "event",
      contracts: ADMINISTERED,
      signature: "DefaultAdminTransferCanceled()",
      labels: [],
    },
    resolves: { by: "time", seconds: 86_400 },
    asked: "001 section 2: RoleGranted / Revoked",
  },
  {
    id: "AdminDelayChanging",
    title: "The time to cancel a handover of the default admin is about to change",
    severity: "high",
    source: {
      kind: "event",
      contracts: ADMINISTERED,
      signature: "DefaultAdminDelayChangeScheduled(uint48,uint48)",
      labels: ["newDelay", "effectSchedule"],
    },
    resolves: { by: "hand" },
    asked: "001 section 2: a shorter delay is the first step of a takeover",
  },
];
