import { streamId } from "../../core/log/index.ts";
import { checkBatches, checkBatchPaths } from "./check-batches.ts";
import { checkCheckpoint, checkCosignatures, readCheckpoint } from "./check-checkpoint.ts";
import { checkComplianceProofs } from "./check-compliance.ts";
import { checkEntries, checkFoundations } from "./check-entries.ts";
import { type Finding, Findings } from "./report.ts";
import type { AuditFile } from "./schema.ts";
import type { AuditTrust, ProofCheck } from "./trust.ts";

/** What an audit found. */
export interface AuditReport {
  /** Nothing was refused. What was not proved is in the findings; it is never empty. */
  readonly holds: boolean;
  readonly findings: readonly Finding[];
}

/**
 * Checks an auditor's file, trusting only what the auditor pins. Without a chain in `trust` nothing outside the file is asked.
 *
 * @returns What was proved, line by line, what was not, and what was refused.
 */
export async function checkAudit(
  file: AuditFile,
  trust: AuditTrust,
  proofHolds: ProofCheck,
): Promise<AuditReport> {
  const findings = new Findings();
  const stream = streamId(file.tenant_id, file.store_id);
  const checkpoint = await findings.check("checkpoint", () => readCheckpoint(file, stream));
  if (checkpoint !== undefined) {
    const keys = await checkFoundations(file, checkpoint, findings);
    await checkCheckpoint(checkpoint, keys.checkpointKeys, trust, findings);
    await checkCosignatures(checkpoint, file, trust, findings);
    const checked = await checkEntries(file, checkpoint, keys, findings);
    await checkBatches(file, checkpoint, stream, trust, findings);
    await checkBatchPaths(file, checked, findings);
    await checkComplianceProofs({ file, streamId: stream, checked, trust, proofHolds, findings });
    findings.notProved("that no key in it was revoked before: a revocation that is left out cannot be seen");
    findings.notProved("anything about entries that are not in the file, or that events tell the truth");
  }
  return { holds: !findings.anyRefused, findings: findings.all };
}
