import { z } from "zod";
import type { HttpServer } from "../../support/http.ts";
import type { RouteParts } from "../parts.ts";
import { guarded, refusals } from "./common.ts";

const JTI_FORM = "1 to 128 visible ASCII characters";
const EXPIRY_FORM = "the token's `exp`: seconds since 1970, at most an hour from now";

const revocation = z.strictObject({
  jti: z.string({ error: JTI_FORM }).regex(/^[\x21-\x7e]{1,128}$/, { error: JTI_FORM }),
  expires_at: z
    .int({ error: EXPIRY_FORM })
    .min(0, { error: EXPIRY_FORM })
    .max(2 ** 40, { error: EXPIRY_FORM }),
});

/** Revocation of tokens, by their tenant. */
export function addTokens(server: HttpServer, { access }: Pick<RouteParts, "access">): void {
  const { onRequest, about } = guarded(access, "tokens:write", "events_read");
  server.post(
    "/v1/tokens/revoke",
    {
      onRequest,
      schema: {
        ...about,
        summary: "Revoke a token of the tenant's; a repeat changes nothing",
        description: `${about.description} Holds at once in this process, in others within [access] cache_seconds.`,
        body: revocation,
        response: { 200: z.object({ revoked: z.literal(true) }), ...refusals },
      },
    },
    async (request) => {
      const { jti, expires_at } = request.body;
      await access.revokeToken(access.callerOf(request).tenant, jti, expires_at * 1000);
      return { revoked: true as const };
    },
  );
}
