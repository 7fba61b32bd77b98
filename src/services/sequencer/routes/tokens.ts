import { z } from "zod";
import type { HttpServer } from "../../support/http.ts";

<<<<<<< HEAD

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
=======
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
>>>>>>> 2886197 (Tenants, API keys and keys for tokens by an operator's hand; a tenant revokes its tokens)
      },
    },
    async (request) => {
      const { jti, expires_at } = request.body;
<<<<<<< HEAD
      await authenticator.revokeToken(access.callerOf(request).tenant, jti, Date.parse(expires_at));
      return { jti, revoked: true as const };
=======
      await access.revokeToken(access.callerOf(request).tenant, jti, expires_at * 1000);
      return { revoked: true as const };
>>>>>>> 2886197 (Tenants, API keys and keys for tokens by an operator's hand; a tenant revokes its tokens)
    },
  );
}
