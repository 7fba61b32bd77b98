import type { VerifierKey } from "../../core/log/index.ts";
import type { AuditAnchor, AuditBatch, AuditCompliance } from "./schema.ts";

/** What the auditor brings; nothing in the file counts as a reason to trust the file. */
export interface AuditTrust {
  /** The log's note key, from its operator by another way than the file. */
  readonly logKey?: VerifierKey;
  /** Cosignature keys of witnesses the auditor relies on. */
  readonly witnesses: readonly VerifierKey[];
  /** The contracts that count. */
  readonly deployment?: DeploymentPin;
  /** A node the auditor believes. */
  readonly chain?: AuditChain;
}

/** Which contracts the auditor relies on. */
export interface DeploymentPin {
  readonly chainId: bigint;
  /** Lower-case 0x hex, 20 bytes. */
  readonly registry: string;
  /** Lower-case 0x hex, 20 bytes. */
  readonly verifier: string;
  /** Of circuit version 1, lower-case 0x hex, 32 bytes. */
  readonly verificationKeyHash: string;
}

/** Questions to a chain; each throws CheckError when the answer contradicts the file. */
export interface AuditChain {
  /** That the anchor's transaction is in that block and its log says what the batch says. */
  checkAnchor(streamId: Uint8Array, batch: AuditBatch, anchor: AuditAnchor): Promise<void>;
  /** That the policy has these parameters, and that this circuit version has this verifying key. */
  checkCompliance(compliance: AuditCompliance): Promise<void>;
}

/** Whether a Groth16 proof holds for field elements in the circuit's order; never throws. */
export type ProofCheck = (
  key: AuditCompliance["verifying_key"],
  signals: readonly bigint[],
  proof: AuditCompliance["proof"],
) => boolean;
