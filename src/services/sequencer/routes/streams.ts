import { z } from "zod";
import { toHex } from "../../../core/bytes.ts";
import { findStream, listStreams, readHead, type StreamRow } from "../../../sequencer/read/index.ts";
import { checkpointOrigin } from "../../../sequencer/tree/index.ts";
import type { HttpServer } from "../../support/http.ts";
import type { RouteParts } from "../parts.ts";
import { problemFor } from "../refusal.ts";
import { decimal, guarded, hex, refusals, storePath, streamOf, unknownStream } from "./common.ts";

type Parts = Pick<RouteParts, "access" | "database" | "ingest" | "identity">;

const streamBody = z
  .object({
    store_id: z.string(),
    stream_id: hex,
    origin: z.string().meta({ description: "first line of its checkpoints" }),
    sequence_number: decimal.meta({ description: "of its newest event" }),
    opened_at: z.string(),
  })
  .meta({ id: "Stream" });

const headBody = z
  .object({
    sequence_number: decimal,
    checkpoint_size: decimal,
    batch: z.object({ batch_index: decimal, end_sequence: decimal, state_root: hex }).nullable(),
  })
  .meta({ id: "Head" });

/** A tenant's streams. */
export function addStreams(server: HttpServer, parts: Parts): void {
  addOpening(server, parts);
  addHead(server, parts);
}

function addOpening(server: HttpServer, { access, database, ingest, identity }: Parts): void {
  const json = (tenant: string, row: StreamRow): z.input<typeof streamBody> => ({
    store_id: row.store,
    stream_id: toHex(row.streamId),
    origin: checkpointOrigin(identity.logName, { tenant, store: row.store }),
    sequence_number: String(row.head),
    opened_at: new Date(Number(row.openedAt)).toISOString(),
  });
  const open = guarded(access, "streams:write", "events_ingest");
  server.post(
    "/v1/stores/:store",
    {
      onRequest: open.onRequest,
      schema: {
        ...open.about,
        summary: "Open a stream; an open one stays as it is",
        params: storePath,
        body: z.strictObject({}),
        response: { 201: streamBody, 200: streamBody, ...refusals },
      },
    },
    async (request, reply) => {
      const stream = streamOf(access, request);
      const opened = await ingest.openStream(stream.tenant, stream.store).catch((error: unknown) => {
        throw problemFor(error);
      });
      const row = await database.transaction(stream.tenant, (sql) => findStream(sql, stream));
      if (row === undefined) throw unknownStream();
      return reply.code(opened ? 201 : 200).send(json(stream.tenant, row));
    },
  );
  const list = guarded(access, "events:read", "events_read");
  server.get(
    "/v1/stores",
    {
      onRequest: list.onRequest,
      schema: {
        ...list.about,
        summary: "The tenant's streams",
        response: { 200: z.object({ stores: z.array(streamBody) }), ...refusals },
      },
    },
    async (request) => {
      const { tenant } = access.callerOf(request);
      const rows = await database.transaction(tenant, (sql) => listStreams(sql, tenant));
      return { stores: rows.map((row) => json(tenant, row)) };
    },
  );
}

function addHead(server: HttpServer, { access, database }: Parts): void {
  const { onRequest, about } = guarded(access, "events:read", "events_read");
  server.get(
    "/v1/stores/:store/head",
    {
      onRequest,
      schema: {
        ...about,
        summary: "How far the stream is, and what is published of it",
        params: storePath,
        response: { 200: headBody, ...refusals },
      },
    },
    async (request) => {
      const stream = streamOf(access, request);
      const head = await database.transaction(stream.tenant, (sql) => readHead(sql, stream));
      if (head === undefined) throw unknownStream();
      const { sequence, checkpoint, batch } = head;
      return {
        sequence_number: String(sequence),
        checkpoint_size: String(checkpoint),
        batch:
          batch === undefined
            ? null
            : {
                batch_index: String(batch.index),
                end_sequence: String(batch.end),
                state_root: batch.stateRoot,
              },
      };
    },
  );
}
