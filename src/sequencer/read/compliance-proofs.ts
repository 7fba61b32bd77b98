import { proofAad } from "../at-rest/index.ts";
import type { Sql } from "../store/index.ts";
import type { StreamKey } from "../tree/index.ts";

/** A proof about an event, as it is kept. */
export interface ComplianceProofRow {
  readonly eventId: string;
  readonly proofId: string;
  readonly proofType: string;
  /** u32. */
  readonly circuitVersion: number;
  /** 32 bytes each. */
  readonly policyHash: Uint8Array;
  readonly proofHash: Uint8Array;
  /** Sealed at rest. */
  readonly proof: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly createdAt: bigint;
}

/** What a proof at rest is bound to; 32 bytes. */
export function proofAtRestAad(
  { tenant, store }: StreamKey,
  row: Omit<ComplianceProofRow, "proof" | "createdAt">,
): Uint8Array {
  return proofAad({ tenantId: tenant, storeId: store, ...row });
}

/** Keeps a proof; the same one again (by its hash) changes nothing. @returns false then. */
export async function insertComplianceProof(
  sql: Sql,
  { tenant, store }: StreamKey,
  row: ComplianceProofRow,
): Promise<boolean> {
  const rows = await sql.query(
    `INSERT INTO proofx.compliance_proofs
       SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::text, $6::integer, $7::bytea, $8::bytea, $9::bytea, $10::bigint
       WHERE NOT EXISTS (SELECT FROM proofx.compliance_proofs
         WHERE tenant_id = $1 AND store_id = $2 AND event_id = $3 AND proof_hash = $8 AND policy_hash = $7)
     RETURNING proof_id`,
    [
      tenant,
      store,
      row.eventId,
      row.proofId,
      row.proofType,
      row.circuitVersion,
      row.policyHash,
      row.proofHash,
      row.proof,
      row.createdAt,
    ],
  );
  return rows.length > 0;
}

/** The proofs about one event, oldest first. */
export async function listComplianceProofs(
  sql: Sql,
  { tenant, store }: StreamKey,
  eventId: string,
): Promise<ComplianceProofRow[]> {
  return await sql.query<ComplianceProofRow>(
    `SELECT event_id AS "eventId", proof_id AS "proofId", proof_type AS "proofType", circuit_version AS "circuitVersion",
       policy_hash AS "policyHash", proof_hash AS "proofHash", proof, created_at AS "createdAt"
     FROM proofx.compliance_proofs WHERE tenant_id = $1 AND store_id = $2 AND event_id = $3
     ORDER BY created_at, proof_id`,
    [tenant, store, eventId],
  );
}
