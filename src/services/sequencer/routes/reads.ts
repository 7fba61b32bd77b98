import { z } from "zod";
import { uuidField } from "../../../core/json.ts";
import { receiptToJson } from "../../../core/log/index.ts";
import type { Page } from "../../../sequencer/read/index.ts";
import type { HttpServer } from "../../support/http.ts";
import type { RouteParts } from "../parts.ts";
import {
  answering,
  DEFAULT_LIMIT,
  decimal,
  guarded,
  loggedEventBody,
  loggedEventJson,
  nameText,
  notFound,
  rangeQuery,
  receiptBody,
  requireStream,
  sequenceText,
  storePath,
  streamOf,
} from "./common.ts";

type Parts = Pick<RouteParts, "access" | "database" | "reader">;

const pageBody = z.object({
  events: z.array(loggedEventBody),
  next: decimal.nullable().meta({ description: "`from` of the next part; null at the end" }),
});
const pageJson = ({ events, next }: Page) => ({
  events: events.map(loggedEventJson),
  next: next === undefined ? null : String(next),
});

/** Events of a stream or an entity, one event, a receipt. */
export function addReads(server: HttpServer, parts: Parts): void {
  addRanges(server, parts);
  addSingles(server, parts);
}

function addRanges(server: HttpServer, { access, database, reader }: Parts): void {
  const guard = guarded(access, "events:read", "events_read");
  server.get(
    "/v1/stores/:store/events",
    answering(
      guard,
      "Events of a stream in their order",
      { params: storePath, querystring: rangeQuery },
      pageBody,
    ),
    async (request) => {
      const stream = streamOf(access, request);
      const { from = 1n, limit = DEFAULT_LIMIT } = request.query;
      const page = await reader.range(stream, { from, limit });
      if (page.events.length === 0) await requireStream(database, stream);
      return pageJson(page);
    },
  );
  server.get(
    "/v1/stores/:store/entities/:type/:id/events",
    answering(
      guard,
      "Events of one entity in their order; `from` is the entity's version",
      { params: storePath.extend({ type: nameText, id: nameText }), querystring: rangeQuery },
      pageBody,
    ),
    async (request) => {
      const stream = streamOf(access, request);
      const { type, id } = request.params;
      const { from = 1n, limit = DEFAULT_LIMIT } = request.query;
      const page = await reader.ofEntity(stream, type, id, { from, limit });
      if (page.events.length === 0) await requireStream(database, stream);
      return pageJson(page);
    },
  );
}

function addSingles(server: HttpServer, { access, database, reader }: Parts): void {
  const guard = guarded(access, "events:read", "events_read");
  const byId = storePath.extend({ event_id: uuidField });
  const found = async <T>(stream: { tenant: string; store: string }, what: string, value: T | undefined) => {
    if (value !== undefined) return value;
    await requireStream(database, stream);
    throw notFound(what);
  };
  server.get(
    "/v1/stores/:store/events/:sequence",
    answering(
      guard,
      "The event at a sequence number",
      { params: storePath.extend({ sequence: sequenceText }) },
      loggedEventBody,
    ),
    async (request) => {
      const stream = streamOf(access, request);
      const { sequence } = request.params;
      return loggedEventJson(await found(stream, "event", await reader.at(stream, sequence)));
    },
  );
  server.get(
    "/v1/stores/:store/events/by-id/:event_id",
    answering(guard, "The event with an id", { params: byId }, loggedEventBody),
    async (request) => {
      const stream = streamOf(access, request);
      const event = await reader.byId(stream, request.params.event_id);
      return loggedEventJson(await found(stream, "event", event));
    },
  );
  server.get(
    "/v1/stores/:store/receipts/:event_id",
    answering(guard, "The receipt of an event", { params: byId }, receiptBody),
    async (request) => {
      const stream = streamOf(access, request);
      const receipt = await found(stream, "event", await reader.receipt(stream, request.params.event_id));
      return receiptToJson(receipt) as z.input<typeof receiptBody>;
    },
  );
}
