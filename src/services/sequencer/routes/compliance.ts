import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import { equalBytes, toHex } from "../../../core/bytes.ts";
import { RefusedError } from "../../../core/errors.ts";
import { canonicalJson, hexField, type Json, uintField } from "../../../core/json.ts";
import {
  type ComplianceProofRow,
  insertComplianceProof,
  listComplianceProofs,
  proofAtRestAad,
} from "../../../sequencer/read/index.ts";
import type { StreamKey } from "../../../sequencer/tree/index.ts";
import type { HttpServer } from "../../support/http.ts";
import type { RouteParts } from "../parts.ts";
import {
  guarded,
  hex,
  notFound,
  refusals,
  requireStream,
  sequenceText,
  storePath,
  streamOf,
} from "./common.ts";

type Parts = Pick<RouteParts, "access" | "database" | "reader" | "sealer">;

const TYPE = "1 to 64 of a-z 0-9 . _ -";
const eventPath = storePath.extend({ sequence: sequenceText });
const submitted = z.strictObject({
  proof_type: z.string({ error: TYPE }).regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, { error: TYPE }),
  circuit_version: uintField(2 ** 31 - 1),
  policy_hash: hexField(32),
  proof: z.unknown().meta({ description: "any JSON; kept sealed" }),
});
const proofBody = z
  .object({
    proof_id: z.string(),
    event_id: z.string(),
    proof_type: z.string(),
    circuit_version: z.int(),
    policy_hash: hex,
    proof_hash: hex.meta({ description: "SHA-256 of the proof's canonical JSON (RFC 8785)" }),
    created_at: z.string(),
    proof: z.unknown().optional(),
    proof_erased: z.literal(true).optional(),
  })
  .meta({ id: "ComplianceProof" });

/** Proofs about an event, kept with it. Whether one holds is for the chain and for auditors to say. */
export function addCompliance(server: HttpServer, parts: Parts): void {
  addSubmission(server, parts);
  addList(server, parts);
}

function addSubmission(server: HttpServer, { access, database, reader, sealer }: Parts): void {
  const { onRequest, about } = guarded(access, "commitments:write", "commitments");
  server.post(
    "/v1/stores/:store/events/:sequence/compliance-proofs",
    {
      onRequest,
      schema: {
        ...about,
        summary: "Keep a proof about an event; the same again changes nothing",
        params: eventPath,
        body: submitted,
        response: { 201: proofBody, 200: proofBody, ...refusals },
      },
    },
    async (request, reply) => {
      const stream = streamOf(access, request);
      const { eventId, agent } = await eventAt({ database, reader }, stream, request.params.sequence);
      const { proof_type, circuit_version, policy_hash, proof } = request.body;
      const content = canonicalJson("proof", proof as Json);
      const place = {
        eventId,
        proofId: randomUUID(),
        proofType: proof_type,
        circuitVersion: circuit_version,
        policyHash: policy_hash,
        proofHash: createHash("sha256").update(content).digest(),
      };
      const aad = proofAtRestAad(stream, place);
      const owner = { tenant: stream.tenant, agent };
      await sealer.prepare(owner);
      const row: ComplianceProofRow = {
        ...place,
        proof: await sealer.seal({ ...owner, aad }, content),
        createdAt: BigInt(Date.now()),
      };
      const kept = await database.transaction(stream.tenant, (sql) =>
        insertComplianceProof(sql, stream, row),
      );
      if (kept) return reply.code(201).send({ ...proofJson(row), proof });
      const rows = await database.transaction(stream.tenant, (sql) =>
        listComplianceProofs(sql, stream, eventId),
      );
      const earlier = rows.find(
        ({ proofHash, policyHash }) =>
          equalBytes(proofHash, row.proofHash) && equalBytes(policyHash, row.policyHash),
      );
      return reply.code(200).send({ ...proofJson(earlier ?? row), proof });
    },
  );
}

function addList(server: HttpServer, { access, database, reader, sealer }: Parts): void {
  const { onRequest, about } = guarded(access, "commitments:read", "commitments");
  server.get(
    "/v1/stores/:store/events/:sequence/compliance-proofs",
    {
      onRequest,
      schema: {
        ...about,
        summary: "Proofs about an event, oldest first",
        params: eventPath,
        response: { 200: z.object({ proofs: z.array(proofBody) }), ...refusals },
      },
    },
    async (request) => {
      const stream = streamOf(access, request);
      const { eventId } = await eventAt({ database, reader }, stream, request.params.sequence);
      const rows = await database.transaction(stream.tenant, (sql) =>
        listComplianceProofs(sql, stream, eventId),
      );
      return { proofs: await Promise.all(rows.map((row) => openProof(sealer, stream, row))) };
    },
  );
}

async function eventAt(
  { database, reader }: Pick<Parts, "database" | "reader">,
  stream: StreamKey,
  sequence: bigint,
): Promise<{ eventId: string; agent: string }> {
  const place = await reader.placeOf(stream, sequence);
  if (place !== undefined) return place;
  await requireStream(database, stream);
  throw notFound("event");
}

async function openProof(
  sealer: Parts["sealer"],
  stream: StreamKey,
  row: ComplianceProofRow,
): Promise<z.input<typeof proofBody>> {
  const aad = proofAtRestAad(stream, row);
  try {
    const content = await sealer.open({ tenant: stream.tenant, aad }, row.proof);
    return { ...proofJson(row), proof: JSON.parse(Buffer.from(content).toString("utf8")) };
  } catch (error) {
    if (error instanceof RefusedError) return { ...proofJson(row), proof_erased: true };
    throw error;
  }
}

function proofJson(row: ComplianceProofRow): z.input<typeof proofBody> {
  return {
    proof_id: row.proofId,
    event_id: row.eventId,
    proof_type: row.proofType,
    circuit_version: row.circuitVersion,
    policy_hash: toHex(row.policyHash),
    proof_hash: toHex(row.proofHash),
    created_at: new Date(Number(row.createdAt)).toISOString(),
  };
}
