import { z } from "zod";
import { publishedKeys } from "../../../sequencer/identity/index.ts";
import type { HttpServer } from "../../support/http.ts";
import type { RouteParts } from "../parts.ts";
import { hex, refusals } from "./common.ts";

const keysBody = z.object({
  log_name: z.string().meta({ description: "begins the origin of every checkpoint" }),
  registrar_id: z.string().meta({ description: "agent id of the log's own events" }),
  keys: z.array(
    z.object({
      purpose: z.enum(["registrar", "receipt", "checkpoint"]),
      key_id: z.int(),
      public_key: hex,
      active_from: z.string(),
      retired_at: z.string().nullable(),
    }),
  ),
});

/** The log's own public keys, for everybody. Pin them from a second source: whoever replaced this server would replace them too. */
export function addPublished(
  server: HttpServer,
  { database, identity }: Pick<RouteParts, "database" | "identity">,
): void {
  server.get(
    "/v1/keys",
    {
      schema: {
        summary: "The log's public keys, past and present; no credential",
        response: { 200: keysBody, ...refusals },
      },
    },
    async () => ({
      log_name: identity.logName,
      registrar_id: identity.registrarId,
      keys: await publishedKeys(database),
    }),
  );
}
