import type { FastifyReply, FastifyRequest } from "fastify";

/** What a credential may be good for. */
export type Permission =
  | "events:write"
  | "events:read"
  | "streams:write"
  | "keys:write"
  | "schemas:write"
  | "commitments:read"
  | "commitments:write"
  | "tokens:write";

/** Requests that share a rate. */
export type RateGroup = "events_ingest" | "events_read" | "commitments";

/** Who asks. UUIDs. */
export interface RequestCaller {
  readonly tenant: string;
  /** When the credential is one agent's. */
  readonly agentId?: string | undefined;
}

/** Runs before a request's body is read; throws a Problem for who may not come. */
export type AccessHook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** What guards the routes. */
export interface Access {
  require(permission: Permission, group: RateGroup): AccessHook;
  /** Who was let in. */
  callerOf(request: FastifyRequest): RequestCaller;
}
