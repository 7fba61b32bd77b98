import { z } from "zod";
import type { HttpServer } from "../../support/http.ts";

import { problemBody } from "../../support/problem.ts";
import type { OpenAccess } from "../open-access.ts";

const JTI_FORM = "1 to 128 visible ASCII characters";
const EXPIRY_FORM = "the token's `exp`: seconds since 1970, at most an hour from now";

const revocation = z
  .strictObject({
    jti: z.string({ error: JTI_FORM }).regex(/^[\x21-\x7e]{1,128}$/, { error: JTI_FORM }),
    expires_at: z.int({ error: EXPIRY_FORM }).min(0, { error: EXPIRY_FORM }),
  })
  .meta({ id: "TokenRevocation" });

/** Revocation of tokens, by their tenant. */
export function addTokens(server: HttpServer, access: OpenAccess): void {
  server.post(
    "/v1/tokens/revoke",
    {
      onRequest: access.require("tokens:write", "events_read"),
      schema: {
        summary: "Revoke a token of this tenant's; a repeat changes nothing",
        security: [{ bearer: [] }],
        description:
          "Permission tokens:write. Holds at once in this process, elsewhere within `cache_seconds`.",
        body: revocation,
        response: { 200: z.object({ revoked: z.literal(true) }), "4xx": problemBody, "5xx": problemBody },
      },
    },
    async (request) => {
      const { jti, expires_at } = request.body;
      await access.revokeToken(access.callerOf(request).tenant, jti, expires_at * 1000);
      return { revoked: true as const };
    },
  );
}
