import { z } from "zod";
import { toHex } from "../../../core/bytes.ts";
import { type AnchoredBatch, type AnchorRow, listBatches } from "../../../sequencer/read/index.ts";
import type { HttpServer } from "../../support/http.ts";
import { Problem } from "../../support/problem.ts";
import type { RouteParts } from "../parts.ts";
import {
  answering,
  DEFAULT_LIMIT,
  decimal,
  guarded,
  hex,
  nextFrom,
  notFound,
  rangeQuery,
  requireStream,
  sequenceText,
  storePath,
  streamOf,
} from "./common.ts";

type Parts = Pick<RouteParts, "access" | "database" | "batchProofs">;

const anchorBody = z.object({
  chain_id: decimal,
  registry: hex,
  status: z.enum(["pending", "included", "anchored"]),
  transaction_hash: hex.nullable(),
  block_number: decimal.nullable(),
  block_hash: hex.nullable(),
  chain_batch_index: decimal.nullable(),
  mature_at: decimal.nullable(),
});
const batchBody = z
  .object({
    batch_index: decimal,
    start_sequence: decimal,
    end_sequence: decimal,
    batch_root: hex,
    facts_root: hex,
    log_root: hex,
    state_root: hex,
    closed_at: z.string(),
    anchors: z.array(anchorBody),
  })
  .meta({ id: "Batch" });
const batchProofBody = z
  .object({
    sequence_number: decimal,
    batch_index: decimal,
    batch_root: hex,
    leaf: hex,
    index: z.int().meta({ description: "place in the batch, from 0" }),
    count: z.int(),
    path: z.array(hex),
  })
  .meta({ id: "BatchInclusion" });

/** Closed batches with what became of them on chains, and VES proofs of place in them. */
export function addBatches(server: HttpServer, parts: Parts): void {
  addLists(server, parts);
  addBatchProof(server, parts);
}

function addLists(server: HttpServer, { access, database }: Parts): void {
  const guard = guarded(access, "commitments:read", "commitments");
  server.get(
    "/v1/stores/:store/batches",
    answering(
      guard,
      "Batches from an index on",
      { params: storePath, querystring: rangeQuery },
      z.object({ batches: z.array(batchBody), next: decimal.nullable() }),
    ),
    async (request) => {
      const stream = streamOf(access, request);
      const { from = 1n, limit = DEFAULT_LIMIT } = request.query;
      await requireStream(database, stream);
      const batches = await database.transaction(stream.tenant, (sql) =>
        listBatches(sql, stream, from, limit),
      );
      return { batches: batches.map(batchJson), next: nextFrom(batches, limit, ({ index }) => index) };
    },
  );
  server.get(
    "/v1/stores/:store/batches/:index",
    answering(guard, "One batch", { params: storePath.extend({ index: sequenceText }) }, batchBody),
    async (request) => {
      const stream = streamOf(access, request);
      const { index } = request.params;
      await requireStream(database, stream);
      const [batch] = await database.transaction(stream.tenant, (sql) => listBatches(sql, stream, index, 1));
      if (batch?.index !== index) throw notFound("batch");
      return batchJson(batch);
    },
  );
}

function addBatchProof(server: HttpServer, { access, database, batchProofs }: Parts): void {
  const guard = guarded(access, "commitments:read", "commitments");
  server.get(
    "/v1/stores/:store/batches/:index/proofs/:sequence",
    answering(
      guard,
      "That an event is in a batch (VES batch tree)",
      { params: storePath.extend({ index: sequenceText, sequence: sequenceText }) },
      batchProofBody,
    ),
    async (request) => {
      const stream = streamOf(access, request);
      const { index, sequence } = request.params;
      await requireStream(database, stream);
      const proved = sequence < 1n ? undefined : await batchProofs.prove(stream, sequence);
      if (proved === undefined) throw new Problem("batch-open", `no batch holds event ${sequence}`);
      if (proved.batch.batchIndex !== index) throw notFound("event in that batch");
      return {
        sequence_number: String(sequence),
        batch_index: String(index),
        batch_root: toHex(proved.batch.batchRoot),
        leaf: toHex(proved.leaf),
        index: proved.proof.index,
        count: proved.proof.count,
        path: proved.proof.path.map(toHex),
      };
    },
  );
}

function batchJson(batch: AnchoredBatch): z.input<typeof batchBody> {
  return {
    batch_index: String(batch.index),
    start_sequence: String(batch.start),
    end_sequence: String(batch.end),
    batch_root: toHex(batch.batchRoot),
    facts_root: toHex(batch.factsRoot),
    log_root: toHex(batch.logRoot),
    state_root: toHex(batch.stateRoot),
    closed_at: new Date(Number(batch.closedAt)).toISOString(),
    anchors: batch.anchors.map(anchorJson),
  };
}

function anchorJson(anchor: AnchorRow): z.input<typeof anchorBody> {
  const text = (value: bigint | null) => (value === null ? null : String(value));
  const bytes = (value: Uint8Array | null) => (value === null ? null : toHex(value));
  return {
    chain_id: String(anchor.chainId),
    registry: toHex(anchor.registry),
    status: anchor.status,
    transaction_hash: bytes(anchor.transactionHash),
    block_number: text(anchor.blockNumber),
    block_hash: bytes(anchor.blockHash),
    chain_batch_index: text(anchor.chainBatchIndex),
    mature_at: text(anchor.matureAt),
  };
}
