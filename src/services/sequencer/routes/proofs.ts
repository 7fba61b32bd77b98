import { z } from "zod";
import { toHex } from "../../../core/bytes.ts";
import { logRoot } from "../../../core/log/index.ts";
import {
  checkpointOfSize,
  listCheckpoints,
  type PublishedCheckpoint,
  type StreamKey,
} from "../../../sequencer/tree/index.ts";
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

type Parts = Pick<RouteParts, "access" | "database" | "log" | "checkpointer">;

const inclusionBody = z
  .object({
    sequence_number: decimal,
    size: decimal.meta({ description: "entries of the log that the proof is about" }),
    path: z.array(hex),
    root: hex.meta({ description: "root of the log at that size; trust the checkpoint's, not this" }),
  })
  .meta({ id: "LogInclusion" });

const consistencyBody = z
  .object({ from: decimal, to: decimal, path: z.array(hex), from_root: hex, to_root: hex })
  .meta({ id: "LogConsistency" });

const checkpointBody = z
  .object({
    size: decimal,
    root: hex,
    note: z.string().meta({ description: "C2SP signed note with its cosignatures" }),
    created_at: z.string(),
  })
  .meta({ id: "Checkpoint" });

/** Proofs about a stream's log, and its published checkpoints. */
export function addProofs(server: HttpServer, parts: Parts): void {
  addInclusion(server, parts);
  addConsistency(server, parts);
  addCheckpoints(server, parts);
}

function addInclusion(server: HttpServer, parts: Parts): void {
  const { access, log } = parts;
  const guard = guarded(access, "commitments:read", "commitments");
  server.get(
    "/v1/stores/:store/proofs/inclusion",
    answering(
      guard,
      "That an event is in the log (RFC 9162); of the newest checkpoint's size without `size`",
      { params: storePath, querystring: z.object({ sequence: sequenceText, size: sequenceText.optional() }) },
      inclusionBody,
    ),
    async (request) => {
      const stream = streamOf(access, request);
      const { sequence, size: asked } = request.query;
      const size = await publishedSize(parts, stream, asked ?? sequence, asked);
      if (sequence < 1n || sequence > size) throw notFound(`event below size ${size}`);
      const { path } = await log.inclusion(stream, sequence - 1n, size);
      const root = logRoot(await log.frontier(stream, size));
      return {
        sequence_number: String(sequence),
        size: String(size),
        path: path.map(toHex),
        root: toHex(root),
      };
    },
  );
}

function addConsistency(server: HttpServer, parts: Parts): void {
  const { access, log } = parts;
  const guard = guarded(access, "commitments:read", "commitments");
  server.get(
    "/v1/stores/:store/proofs/consistency",
    answering(
      guard,
      "That the log of one size is a prefix of that of another (RFC 9162)",
      { params: storePath, querystring: z.object({ from: sequenceText, to: sequenceText.optional() }) },
      consistencyBody,
    ),
    async (request) => {
      const stream = streamOf(access, request);
      const { from, to: asked } = request.query;
      const to = await publishedSize(parts, stream, asked ?? from, asked);
      const { path } = await log.consistency(stream, from, to);
      return {
        from: String(from),
        to: String(to),
        path: path.map(toHex),
        from_root: toHex(logRoot(await log.frontier(stream, from))),
        to_root: toHex(logRoot(await log.frontier(stream, to))),
      };
    },
  );
}

function addCheckpoints(server: HttpServer, parts: Parts): void {
  const { access, database } = parts;
  const guard = guarded(access, "commitments:read", "commitments");
  server.get(
    "/v1/stores/:store/checkpoint",
    answering(
      guard,
      "The newest checkpoint, a C2SP signed note with its cosignatures (text/plain)",
      { params: storePath, querystring: z.object({ size: sequenceText.optional() }) },
      z.any().meta({ description: "text/plain: the signed note" }),
    ),
    async (request, reply) => {
      const stream = streamOf(access, request);
      const { size } = request.query;
      const checkpoint =
        size === undefined
          ? await newest(parts, stream)
          : await database.transaction(stream.tenant, (sql) => checkpointOfSize(sql, stream, size));
      if (checkpoint === undefined) {
        await requireStream(database, stream);
        throw notFound("checkpoint");
      }
      return reply.type("text/plain; charset=utf-8").send(checkpoint.note);
    },
  );
  server.get(
    "/v1/stores/:store/checkpoints",
    answering(
      guard,
      "Published checkpoints from a size on",
      { params: storePath, querystring: rangeQuery },
      z.object({ checkpoints: z.array(checkpointBody), next: decimal.nullable() }),
    ),
    async (request) => {
      const stream = streamOf(access, request);
      const { from = 0n, limit = DEFAULT_LIMIT } = request.query;
      await requireStream(database, stream);
      const list = await database.transaction(stream.tenant, (sql) =>
        listCheckpoints(sql, stream, from, limit),
      );
      return { checkpoints: list.map(checkpointJson), next: nextFrom(list, limit, ({ size }) => size) };
    },
  );
}

/** The size to prove for: what was asked, or the newest; published now when it is not yet and can be. */
async function publishedSize(
  parts: Parts,
  stream: StreamKey,
  least: bigint,
  asked: bigint | undefined,
): Promise<bigint> {
  const newestSize = (await newest(parts, stream))?.size ?? 0n;
  if (newestSize >= least && newestSize > 0n) return asked ?? newestSize;
  throw new Problem("size-unpublished", `the newest checkpoint has size ${newestSize}`);
}

/** Publishes the head when it is not, so that a client never waits for its own event's proof. */
async function newest(parts: Parts, stream: StreamKey): Promise<PublishedCheckpoint | undefined> {
  await requireStream(parts.database, stream);
  return await parts.checkpointer.publish(stream);
}

function checkpointJson({ size, root, note, createdAt }: PublishedCheckpoint) {
  return {
    size: String(size),
    root: toHex(root),
    note,
    created_at: new Date(Number(createdAt)).toISOString(),
  };
}
