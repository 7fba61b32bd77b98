import { InputError } from "../../core/errors.ts";
import type { KeyProvider } from "../../core/ports.ts";
import { Agents } from "../../sequencer/agents/index.ts";
import { type AtRestSettings, Keyring } from "../../sequencer/at-rest/index.ts";
import { BatchProofs } from "../../sequencer/batches/index.ts";
import {
  type LogIdentity,
  openSigners,
  readIdentity,
  SERVICE_PURPOSES,
  type ServiceSigners,
} from "../../sequencer/identity/index.ts";
import { createIngest } from "../../sequencer/ingest/index.ts";
import { EventReader, findStream } from "../../sequencer/read/index.ts";
import { Schemas } from "../../sequencer/schemas/index.ts";
import { type Database, requireNewestSchema, type Store } from "../../sequencer/store/index.ts";
import { Checkpointer, LogReader } from "../../sequencer/tree/index.ts";
import type { AnchorSettings } from "../anchor/settings.ts";
import { startHttp } from "../support/http.ts";
import type { Logger } from "../support/log.ts";
import { createMetrics } from "../support/metrics.ts";
import type { RunningService } from "../support/run.ts";
import type { Access } from "./access.ts";
import { startBackground } from "./background.ts";
import { Heads } from "./heads.ts";
import { hostBatches } from "./hosting.ts";
import { measured } from "./measured.ts";
import { createSequencerMetrics } from "./metrics.ts";
import type { RouteParts } from "./parts.ts";
import { SEQUENCER_PROBLEMS } from "./problems.ts";
import { addSequencerRoutes } from "./routes/index.ts";
import type { SequencerSettings } from "./settings.ts";
import { Tails } from "./tails.ts";

/** What a sequencer is started with; the store is closed by whoever opened it. */
export interface SequencerParts {
  readonly store: Store;
  readonly keys: KeyProvider;
  readonly atRest: AtRestSettings;
  readonly log: Logger;
  /** The `[anchor]` section, for a sequencer that anchors itself. */
  readonly anchor?: () => AnchorSettings;
  /** Who may come, by the database's credentials. */
  readonly access: (database: Database) => Access;
}

/**
 * Starts the sequencer: takes agents' events, answers for what the log holds, publishes checkpoints.
 *
 * @throws RefusedError when the database has no log, or an older schema; InputError when it is a log of another name.
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
  const common = createMetrics("sequencer");
  const metrics = createSequencerMetrics(common, () => routeParts.tails.open);
  const routeParts = compose(settings, parts, { database, identity, signers, metrics });
  const background = startBackground(settings, { ...routeParts, store, logger: log });
  const hosted = await hostBatches(settings, { ...parts, metrics: common }).catch(async (error: unknown) => {
    await background.stop();
    throw error;
  });
  const http = await startHttp(
    {
      name: "sequencer",
      description: "A log of signed events. Everything but /v1/keys wants Authorization: Bearer CREDENTIAL.",
      problems: SEQUENCER_PROBLEMS,
      metrics: common,
      log,
      security: { bearer: { type: "http", scheme: "bearer", description: "an API key or a tenant's token" } },
      routes: (server) => addSequencerRoutes(server, routeParts),
      obstacles: async () => [
        ...(await databaseObstacles(database)),
        ...background.obstacles(),
        ...hosted.obstacles(),
      ],
    },
    settings.http,
  ).catch(async (error: unknown) => {
    await hosted.close();
    await background.stop();
    throw error;
  });
  log.info({ log: identity.logName, database: store.kind }, DURABILITY[store.kind]);
  const close = async (): Promise<void> => {
    await http.close();
    await hosted.close();
    await background.stop();
    await routeParts.ingest.close();
  };
  let closing: Promise<void> | undefined;
  return {
    url: http.url,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** What a receipt is worth on each kind of database. */
const DURABILITY = {
  postgres: "the log is in PostgreSQL: what has a receipt survives a power cut as far as its disk does",
  pglite:
    "the log is in the embedded database: what has a receipt survives a killed process, and not a power cut; use PostgreSQL for more",
} as const;

interface Opened {
  readonly database: Database;
  readonly identity: LogIdentity;
  readonly signers: ServiceSigners;
  readonly metrics: RouteParts["metrics"];
}

function compose(
  settings: SequencerSettings,
  { keys, atRest, access }: SequencerParts,
  { database, identity, signers, metrics }: Opened,
): RouteParts {
  const sealer = new Keyring(database, keys, atRest);
  const reader = new EventReader(database, sealer);
  const log = new LogReader(database, { tiles: settings.tiles });
  const ingest = createIngest({
    database: measured(database, metrics),
    sealer,
    signers,
    identity,
    limits: { payloadBytes: settings.http.body_limit },
  });
  const headOf = (stream: { tenant: string; store: string }): Promise<bigint> =>
    database.transaction(stream.tenant, async (sql) => (await findStream(sql, stream))?.head ?? 0n);
  const heads = new Heads(headOf, settings.tail_poll);
  return {
    settings,
    database,
    access: access(database),
    ingest,
    agents: new Agents({ database, ingest }),
    schemas: new Schemas({ database, ingest }),
    identity,
    reader,
    sealer,
    log,
    checkpointer: new Checkpointer({
      database,
      reader: log,
      logName: identity.logName,
      signer: () => signers.active("checkpoint"),
      publicKeys: () => checkpointKeys(signers),
    }),
    batchProofs: new BatchProofs(database),
    heads,
    tails: new Tails(reader, heads, {
      most: settings.tails,
      heartbeat: settings.tail_heartbeat * 1000,
      lifetime: settings.tail_lifetime * 1000,
    }),
    metrics,
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

/** The checkpoint keys up to the one that signs, as far as this process holds them. */
async function checkpointKeys(signers: ServiceSigners): Promise<Uint8Array[]> {
  const { keyId } = await signers.active("checkpoint");
  const ids = Array.from({ length: keyId }, (_, index) => index + 1);
  const found = await Promise.allSettled(ids.map((id) => signers.byId("checkpoint", id)));
  return found.flatMap((each) => (each.status === "fulfilled" ? [each.value.publicKey] : []));
}

async function databaseObstacles(database: Database): Promise<string[]> {
  try {
    await database.transaction(null, (sql) => sql.query("SELECT 1"));
    return [];
  } catch {
    return ["the database does not answer"];
  }
}
