/** The auditor's file: one JSON file that is checked offline (docs/audit.md). */
export { openAuditChain } from "./chain.ts";
export { type AuditReport, checkAudit } from "./check.ts";
export { verifyingKeyHash } from "./check-compliance.ts";
export { type AuditRequest, exportAudit } from "./export.ts";
export type { ProvedClaim } from "./export-compliance.ts";
export { auditText, parseAudit } from "./read.ts";
export type { Finding } from "./report.ts";
export type { AuditFile, AuditJson } from "./schema.ts";
export type { AnchorPlace, EventRow, PayloadOpener } from "./source.ts";
export type { AuditChain, AuditTrust, DeploymentPin, ProofCheck } from "./trust.ts";
