import { z } from "zod";
import type { Json } from "../../../core/json.ts";
import type { EventSchema } from "../../../sequencer/schemas/index.ts";
import type { HttpServer } from "../../support/http.ts";
import { Problem } from "../../support/problem.ts";
import type { RouteParts } from "../parts.ts";
import { problemFor } from "../refusal.ts";
import { guarded, nameText, refusals } from "./common.ts";

const schemaBody = z
  .object({
    event_type: z.string(),
    version: z.int(),
    schema: z.unknown().meta({ description: "JSON Schema 2020-12" }),
    created_at: z.string(),
  })
  .meta({ id: "EventSchema" });
const typePath = z.object({ event_type: nameText });

/** What payloads of an event type must look like. */
export function addSchemas(
  server: HttpServer,
  { access, schemas }: Pick<RouteParts, "access" | "schemas">,
): void {
  const write = guarded(access, "schemas:write", "events_ingest");
  const read = guarded(access, "events:read", "events_read");
  server.put(
    "/v1/schemas/:event_type",
    {
      onRequest: write.onRequest,
      schema: {
        ...write.about,
        summary: "Set the schema of an event type's plain payloads, in all of the tenant's streams",
        params: typePath,
        body: z.strictObject({ schema: z.unknown() }),
        response: { 200: schemaBody, ...refusals },
      },
    },
    async (request) => {
      const { tenant } = access.callerOf(request);
      const { schema } = request.body;
      const set = await schemas
        .set(tenant, request.params.event_type, schema as Json)
        .catch((error: unknown) => {
          throw problemFor(error);
        });
      return schemaJson(set);
    },
  );
  server.get(
    "/v1/schemas",
    {
      onRequest: read.onRequest,
      schema: {
        ...read.about,
        summary: "The newest schema of each event type",
        response: { 200: z.object({ schemas: z.array(schemaBody) }), ...refusals },
      },
    },
    async (request) => ({ schemas: (await schemas.list(access.callerOf(request).tenant)).map(schemaJson) }),
  );
  server.get(
    "/v1/schemas/:event_type",
    {
      onRequest: read.onRequest,
      schema: {
        ...read.about,
        summary: "The newest schema of an event type",
        params: typePath,
        response: { 200: schemaBody, ...refusals },
      },
    },
    async (request) => {
      const schema = await schemas.get(access.callerOf(request).tenant, request.params.event_type);
      if (schema === undefined) throw new Problem("not-found", "this event type has no schema");
      return schemaJson(schema);
    },
  );
}

function schemaJson({ eventType, version, schema, createdAt }: EventSchema) {
  return { event_type: eventType, version, schema, created_at: new Date(Number(createdAt)).toISOString() };
}
