import { InputError } from "../../core/errors.ts";
import type { KeyProvider } from "../../core/ports.ts";
import type { AtRestSettings } from "../../sequencer/at-rest/index.ts";
import type { AccessSettings } from "../../sequencer/auth/index.ts";
import {
  type LogIdentity,
  openSigners,
  readIdentity,
  SERVICE_PURPOSES,
  type ServiceSigners,
} from "../../sequencer/identity/index.ts";
import { type Database, requireNewestSchema, type Store } from "../../sequencer/store/index.ts";
import type { AnchorSettings } from "../anchor/settings.ts";
import { addConnections, countedStore, createDatabaseMetrics } from "../support/database.ts";
import { startHttp } from "../support/http.ts";
import type { Logger } from "../support/log.ts";
import { createMetrics, type Metrics } from "../support/metrics.ts";
import type { RunningService } from "../support/run.ts";
import { type Background, startBackground } from "./background.ts";
import { compose } from "./compose.ts";
import { type Hosted, hostBatches } from "./hosting.ts";
import { addKeyAges, createSequencerMetrics } from "./metrics.ts";
import type { RouteParts } from "./parts.ts";
import { SEQUENCER_PROBLEMS } from "./problems.ts";
import { addSequencerRoutes } from "./routes/index.ts";
import type { SequencerSettings } from "./settings.ts";

/** What a sequencer is started with; the store is closed by whoever opened it. */
export interface SequencerParts {
  readonly store: Store;
  readonly keys: KeyProvider;
  readonly atRest: AtRestSettings;
  /** The `[access]` section. */
  readonly access: AccessSettings;
  readonly log: Logger;
  /** The `[anchor]` section, for a sequencer that anchors itself. */
  readonly anchor?: () => AnchorSettings;
}

/**
 * Starts the sequencer: takes agents' events, answers for what the log holds, publishes checkpoints.
 *
 * @throws RefusedError when the database has no log, or another version's schema; InputError when it is a log of another name.
 */
export async function startSequencer(
  settings: SequencerSettings,
  parts: SequencerParts,
): Promise<RunningService & { url: string }> {
  const { store, log } = parts;
  const database = store.as("app");
  await requireNewestSchema(database);
  const identity = await requireIdentity(database, settings.log_name);
  const signers = await openSigners(database, parts.keys);
  await probeKeys(signers);
  const metrics = createMetrics("sequencer");
  addKeyAges(metrics, signers);
  addConnections(metrics, store);
  const databaseMetrics = createDatabaseMetrics(metrics);
  const routeParts = compose(settings, {
    ...parts,
    database,
    identity,
    signers,
    logger: log,
    metrics: createSequencerMetrics(metrics, databaseMetrics, () => routeParts.tails.open),
  });
  const background = startBackground(settings, { ...routeParts, store, logger: log });
  const running: { close(): Promise<void> }[] = [{ close: () => routeParts.ingest.close() }];
  running.push(routeParts.access, { close: () => background.stop() });
  try {
    const hosted = await hostBatches(settings, {
      ...parts,
      store: countedStore(store, databaseMetrics),
      metrics,
    });
    running.push(hosted);
    const http = await serve(settings, routeParts, { metrics, log, background, hosted });
    running.push(http);
    log.info({ log: identity.logName, database: store.kind }, DURABILITY[store.kind]);
    return { url: http.url, close: once(() => closeAll(running)) };
  } catch (error) {
    await closeAll(running);
    throw error;
  }
}

/** What a receipt is worth on each kind of database. */
const DURABILITY = {
  postgres: "the log is in PostgreSQL: what has a receipt survives a power cut as far as its disk does",
  pglite:
    "the log is in the embedded database: what has a receipt survives a killed process, and not a power cut; use PostgreSQL for more",
} as const;

interface Around {
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly background: Background;
  readonly hosted: Hosted;
}

function serve(settings: SequencerSettings, parts: RouteParts, { metrics, log, background, hosted }: Around) {
  return startHttp(
    {
      name: "sequencer",
      description: "A log of signed events. Everything but /v1/keys wants Authorization: Bearer CREDENTIAL.",
      problems: SEQUENCER_PROBLEMS,
      metrics,
      log,
      security: { bearer: { type: "http", scheme: "bearer", description: "an API key or a tenant's token" } },
      routes: (server) => addSequencerRoutes(server, parts),
      obstacles: async () => [
        ...(await databaseObstacles(parts.database)),
        ...background.obstacles(),
        ...hosted.obstacles(),
      ],
    },
    settings.http,
  );
}

/** Newest first, each to its end: what is underneath is closed after what stands on it. */
async function closeAll(running: readonly { close(): Promise<void> }[]): Promise<void> {
  for (const each of running.toReversed()) await each.close();
}

function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => {
    closing ??= close();
    return closing;
  };
}

async function requireIdentity(database: Database, logName: string): Promise<LogIdentity> {
  const identity = await readIdentity(database);
  if (identity.logName === logName) return identity;
  throw InputError.expected("sequencer.log_name", `"${identity.logName}", the database's log`, logName);
}

/** A wrong passphrase is found now and not by the first client. */
async function probeKeys(signers: ServiceSigners): Promise<void> {
  for (const purpose of SERVICE_PURPOSES) {
    const signer = await signers.active(purpose);
    await signer.sign(new TextEncoder().encode("proofx: is this key there?"));
  }
}

async function databaseObstacles(database: Database): Promise<string[]> {
  try {
    await database.transaction(null, (sql) => sql.query("SELECT 1"));
    return [];
  } catch {
    return ["the database does not answer"];
  }
}
