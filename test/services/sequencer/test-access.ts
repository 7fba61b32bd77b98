import type { FastifyRequest } from "fastify";
import type { Access } from "../../../src/services/sequencer/access.ts";
import { Problem } from "../../../src/services/support/problem.ts";

/** Access for tests of what lies behind it: the credential is the tenant's id, and may do everything. */
export function openTestAccess(): Access {
  const tenantOf = (request: FastifyRequest): string => {
    const tenant = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (tenant === undefined) throw new Problem("unauthorized", "no credential");
    return tenant;
  };
  return {
    require: () => async (request) => {
      tenantOf(request);
    },
    callerOf: (request) => ({ tenant: tenantOf(request) }),
  };
}
