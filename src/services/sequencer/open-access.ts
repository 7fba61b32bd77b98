import { RefusalLedger, type RefusalNote } from "../../sequencer/audit/index.ts";
import { type AccessSettings, Authenticator } from "../../sequencer/auth/index.ts";
import type { LogIdentity } from "../../sequencer/identity/index.ts";
import type { Ingest } from "../../sequencer/ingest/index.ts";
import type { Database } from "../../sequencer/store/index.ts";
import type { Logger } from "../support/log.ts";
import { createGuard, type Guard } from "./authenticate.ts";
import type { SequencerMetrics } from "./metrics.ts";

export interface AccessParts {
  /** As the app. */
  readonly database: Database;
  readonly ingest: Pick<Ingest, "appendOwn">;
  readonly identity: LogIdentity;
  readonly metrics: Pick<SequencerMetrics, "noted">;
  readonly settings: AccessSettings;
  readonly log: Logger;
}

/** The guard of a running sequencer. */
export interface OpenAccess extends Guard {
  /** @throws InputError, as `Authenticator.revokeToken`. */
  revokeToken(tenant: string, jti: string, expiresAt: number): Promise<void>;
  /** Writes down the refusals that are left; before the way into the log is closed. */
  close(): Promise<void>;
}

/** Guards a sequencer by the credentials of its database; refusals go to the operator's stream. */
export function openAccess({ database, ingest, identity, metrics, settings, log }: AccessParts): OpenAccess {
  const authenticator = new Authenticator({
    database,
    audience: settings.audience ?? identity.logName,
    cacheSeconds: settings.cache_seconds,
    cachedCredentials: settings.cached_credentials,
  });
  const refusals = new RefusalLedger({
    append: (draft) => ingest.appendOwn(identity.operatorTenant, identity.operatorStore, draft),
    onError: (err) =>
      log.warn({ err }, "refusals could not be written down; they are kept for the next time"),
  });
  refusals.start();
  const counted = {
    note: (note: RefusalNote): void => {
      metrics.noted(note.cause);
      refusals.note(note);
    },
  };
  return {
    ...createGuard({ authenticator, settings, refusals: counted }),
    revokeToken: (tenant, jti, expiresAt) => authenticator.revokeToken(tenant, jti, expiresAt),
    close: () => refusals.close(),
  };
}
