import { z } from "zod";
import { receiptToJson } from "../../../core/log/index.ts";
import type { Accepted } from "../../../sequencer/ingest/index.ts";
import type { HttpServer } from "../../support/http.ts";
import type { RouteParts } from "../parts.ts";
import { sendEvent } from "../sending.ts";
import { decimal, guarded, receiptBody, refusals, storePath } from "./common.ts";

export const acceptedBody = z
  .object({
    receipt: receiptBody,
    sequence_number: decimal,
    entity_version: decimal,
    duplicate: z.boolean().meta({ description: "the very same event had its place before" }),
  })
  .meta({ id: "Accepted" });

/** An accepted event as it is answered. */
export function acceptedJson({ receipt, sequence, entityVersion, duplicate }: Accepted) {
  return {
    receipt: receiptToJson(receipt) as z.input<typeof receiptBody>,
    sequence_number: String(sequence),
    entity_version: String(entityVersion),
    duplicate,
  };
}

/** The way in for one event. */
export function addEvents(server: HttpServer, parts: RouteParts): void {
  const { access } = parts;
  const { onRequest, about } = guarded(access, "events:write", "events_ingest");
  server.post(
    "/v1/stores/:store/events",
    {
      onRequest,
      schema: {
        ...about,
        summary: "Append an event; answered once it is on disk",
        params: storePath,
        body: z.unknown().meta({ description: "A signed event (docs/formats.md)" }),
        response: {
          201: acceptedBody,
          200: acceptedBody.meta({ description: "The very same event again: the receipt it got then" }),
          ...refusals,
        },
      },
    },
    async (request, reply) => {
      const accepted = await sendEvent(parts, access.callerOf(request), request.params.store, request.body);
      return reply.code(accepted.duplicate ? 200 : 201).send(acceptedJson(accepted));
    },
  );
}
