import type { FastifyReply, FastifyRequest } from "fastify";
import { UnavailableError } from "../../core/errors.ts";
import { isRefusalCause, type RefusalCause, type RefusalLedger } from "../../sequencer/audit/index.ts";
import {
  type AccessSettings,
  type Authenticator,
  AuthFailure,
  addressBucket,
  type Caller,
  FailureLimit,
  networkList,
  ONE_NETWORK,
  type Permission,
  type RateGroup,
  RateLimits,
} from "../../sequencer/auth/index.ts";
import { Problem } from "../support/problem.ts";
import { clientAddress } from "./client-address.ts";

export interface GuardParts {
  readonly authenticator: Authenticator;
  readonly settings: Pick<
    AccessSettings,
    "rates" | "tenant_times" | "failures_per_minute" | "trusted_proxies"
  >;
  readonly refusals: Pick<RefusalLedger, "note">;
}

type Named = Pick<Caller, "tenant" | "credentialId">;

/** What guards the routes: it tells who asks, whether they may, and not too often, and writes down whom it refuses. */
export interface Guard {
  /** A hook that runs before a request's body is read. */
  require(
    permission: Permission,
    group: RateGroup,
  ): (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  /** Who was let in by `require`. */
  callerOf(request: FastifyRequest): Caller;
  /** Writes down what a route refused by its problem's code, when it is of a kind that matters. */
  refused(caller: Named, code: string): void;
}

/** The one answer to whoever has no valid credential; why is in the audit alone. */
const unauthorized = (cause: unknown): Problem =>
  new Problem("unauthorized", "expected Authorization: Bearer and a valid API key or token", { cause });

/** Makes the guard; problems are `unauthorized`, `forbidden`, `rate-limited` and `unavailable`. */
export function createGuard(parts: GuardParts): Guard {
  const limits = new RateLimits(parts.settings);
  const authenticate = authentication(parts);
  const callers = new WeakMap<FastifyRequest, Caller>();
  const note = (cause: RefusalCause, { tenant, credentialId }: Named): void =>
    parts.refusals.note({ cause, tenant, source: credentialId });
  return {
    require: (permission, group) => async (request, reply) => {
      const caller = await authenticate(request, reply);
      const retryAfter = await limits.take(caller, group);
      if (retryAfter !== undefined) {
        note("rate-limited", caller);
        throw new Problem("rate-limited", `over the rate of ${group}`, { retryAfter });
      }
      if (!caller.permissions.has(permission)) {
        note("forbidden", caller);
        throw new Problem("forbidden", `this credential lacks the permission ${permission}`);
      }
      callers.set(request, caller);
    },
    callerOf: (request) => {
      const caller = callers.get(request);
      // A route without the hook must not run as anybody.
      if (caller === undefined) throw new Error("callerOf: the route has no guard");
      return caller;
    },
    refused: (caller, code) => {
      if (isRefusalCause(code)) note(code, caller);
    },
  };
}

/** Tells who sends a request, or throws the one answer to whoever is nobody. */
function authentication({ authenticator, settings, refusals }: GuardParts) {
  const failures = new FailureLimit(settings.failures_per_minute);
  const trusted = networkList(settings.trusted_proxies);
  const noteStranger = (cause: RefusalCause, address: string): void =>
    refusals.note({ cause, source: addressBucket(address, ONE_NETWORK) });
  return async (request: FastifyRequest, reply: FastifyReply): Promise<Caller> => {
    const address = clientAddress(request, trusted);
    try {
      return await authenticator.authenticate(authorizationOf(request), async () => {
        const retryAfter = await failures.wait(address);
        if (retryAfter === undefined) return;
        noteStranger("too-many-failures", address);
        throw new Problem("rate-limited", "too many failures to authenticate", { retryAfter });
      });
    } catch (error) {
      if (error instanceof UnavailableError)
        throw new Problem("unavailable", "the credential cannot be looked up", {
          retryAfter: 1,
          cause: error,
        });
      if (!(error instanceof AuthFailure)) throw error;
      await failures.failed(address);
      const { why, blamed } = error;
      if (blamed === undefined) noteStranger(why, address);
      else refusals.note({ cause: why, ...blamed });
      reply.header("www-authenticate", 'Bearer realm="proofx"');
      throw unauthorized(error);
    }
  };
}

/** The header; two of them are none, since who stands between may have read the other. */
function authorizationOf(request: FastifyRequest): string | undefined {
  const all = request.raw.headersDistinct.authorization;
  return (all?.length ?? 0) > 1 ? "" : all?.[0];
}
