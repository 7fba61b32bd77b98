import { Readable } from "node:stream";
import { z } from "zod";
import { findStream } from "../../../sequencer/read/index.ts";
import type { HttpServer } from "../../support/http.ts";
import type { RouteParts } from "../parts.ts";
import {
  guarded,
  loggedEventJson,
  refusals,
  sequenceText,
  storePath,
  streamOf,
  unknownStream,
} from "./common.ts";

const resume = z.looseObject({
  "last-event-id": sequenceText
    .optional()
    .meta({ description: "Goes on after this sequence number; wins over `from`" }),
});

/** A stream as it grows, as server-sent events. */
export function addTail(server: HttpServer, parts: RouteParts): void {
  const { access, database, tails } = parts;
  const { onRequest, about } = guarded(access, "events:read", "events_read");
  server.addHook("preClose", async () => tails.stop());
  server.get(
    "/v1/stores/:store/events/stream",
    {
      onRequest,
      schema: {
        ...about,
        summary: "Follow a stream (text/event-stream)",
        description: `${about.description} Each event's id is its sequence number and its data a LoggedEvent. Without from and Last-Event-ID it begins after the head.`,
        params: storePath,
        headers: resume,
        querystring: z.object({ from: sequenceText.optional() }),
        response: { 200: z.any().meta({ description: "text/event-stream" }), ...refusals },
      },
    },
    async (request, reply) => {
      const stream = streamOf(access, request);
      const found = await database.transaction(stream.tenant, (sql) => findStream(sql, stream));
      if (found === undefined) throw unknownStream();
      const last = request.headers["last-event-id"];
      const from = last === undefined ? (request.query.from ?? found.head + 1n) : last + 1n;
      const gone = new AbortController();
      request.raw.socket.once("close", () => gone.abort());
      // It may have hung up while the stream was looked for.
      if (request.raw.socket.destroyed) gone.abort();
      const events = tails.follow(stream, from, gone.signal, (event) => {
        const data = JSON.stringify(loggedEventJson(event));
        return `id: ${event.sequence}\nevent: event\ndata: ${data}\n\n`;
      });
      return reply
        .type("text/event-stream; charset=utf-8")
        .header("cache-control", "no-store")
        .header("x-accel-buffering", "no")
        .send(Readable.from(events, { objectMode: false, highWaterMark: 65_536 }));
    },
  );
}
