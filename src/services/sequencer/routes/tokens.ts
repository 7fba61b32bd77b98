import { z } from "zod";
import type { HttpServer } from "../../support/http.ts";
import type { RouteParts } from "../parts.ts";
import { guarded, refusals } from "./common.ts";

const TIME = "an RFC 3339 time in UTC, e.g. 2026-01-30T12:00:00Z";

/** Tokens that are not to count any more, though they have not expired. */
export function addTokens(
  server: HttpServer,
  { access, authenticator }: Pick<RouteParts, "access" | "authenticator">,
): void {
  const { onRequest, about } = guarded(access, "tokens:write", "commitments");
  server.post(
    "/v1/tokens/revoke",
    {
      onRequest,
      schema: {
        ...about,
        summary: "Revoke one of the tenant's tokens by its jti",
        body: z.strictObject({
          jti: z.string({ error: "the token's jti" }),
          expires_at: z.iso.datetime({ error: TIME }).meta({ description: "the token's exp" }),
        }),
        response: { 200: z.object({ jti: z.string(), revoked: z.literal(true) }), ...refusals },
      },
    },
    async (request) => {
      const { jti, expires_at } = request.body;
      await authenticator.revokeToken(access.callerOf(request).tenant, jti, Date.parse(expires_at));
      return { jti, revoked: true as const };
    },
  );
}
