import type { KeyProvider } from "../../core/ports.ts";
import { Agents } from "../../sequencer/agents/index.ts";
import { type AtRestSettings, Keyring } from "../../sequencer/at-rest/index.ts";
import type { AccessSettings } from "../../sequencer/auth/index.ts";
import { BatchProofs } from "../../sequencer/batches/index.ts";
import type { LogIdentity, ServiceSigners } from "../../sequencer/identity/index.ts";
import { createIngest } from "../../sequencer/ingest/index.ts";
import { EventReader, findStream } from "../../sequencer/read/index.ts";
import { Schemas } from "../../sequencer/schemas/index.ts";
import type { Database } from "../../sequencer/store/index.ts";
import { Checkpointer, LogReader, type StreamKey } from "../../sequencer/tree/index.ts";
import type { Logger } from "../support/log.ts";
import { Heads } from "./heads.ts";
import { measured, watchedSealer } from "./measured.ts";
import type { SequencerMetrics } from "./metrics.ts";
import { openAccess } from "./open-access.ts";
import type { RouteParts } from "./parts.ts";
import type { SequencerSettings } from "./settings.ts";
import { Tails } from "./tails.ts";

/** An opened log, and what it is served with. */
export interface OpenedParts {
  /** As the API's role. */
  readonly database: Database;
  readonly identity: LogIdentity;
  readonly signers: ServiceSigners;
  readonly keys: KeyProvider;
  readonly atRest: AtRestSettings;
  readonly access: AccessSettings;
  readonly metrics: SequencerMetrics;
  readonly logger: Logger;
}

/** Puts together what the routes stand on. */
export function compose(settings: SequencerSettings, parts: OpenedParts): RouteParts {
  const { identity, signers, keys, atRest, metrics, logger } = parts;
  const database = measured(parts.database, metrics);
  const sealer = watchedSealer(new Keyring(database, keys, atRest), metrics);
  const reader = new EventReader(database, sealer);
  const log = new LogReader(database, { tiles: settings.tiles });
  const ingest = createIngest({
    database,
    sealer,
    signers,
    identity,
    limits: { payloadBytes: settings.http.body_limit },
  });
  const headOf = (stream: StreamKey): Promise<bigint> =>
    database.transaction(stream.tenant, async (sql) => (await findStream(sql, stream))?.head ?? 0n);
  const heads = new Heads(headOf, settings.tail_poll);
  const tailLimits = {
    most: settings.tails,
    heartbeat: settings.tail_heartbeat * 1000,
    lifetime: settings.tail_lifetime * 1000,
  };
  const checkpointer = new Checkpointer({
    database,
    reader: log,
    logName: identity.logName,
    signer: () => signers.active("checkpoint"),
    publicKeys: () => checkpointKeys(signers),
  });
  return {
    settings,
    database,
    identity,
    ingest,
    sealer,
    reader,
    log,
    checkpointer,
    heads,
    metrics,
    access: openAccess({ database, ingest, identity, metrics, settings: parts.access, log: logger }),
    agents: new Agents({ database, ingest }),
    schemas: new Schemas({ database, ingest }),
    batchProofs: new BatchProofs(database),
    tails: new Tails(reader, heads, tailLimits),
  };
}

/** The checkpoint keys up to the one that signs, as far as this process holds them. */
async function checkpointKeys(signers: ServiceSigners): Promise<Uint8Array[]> {
  const { keyId } = await signers.active("checkpoint");
  const ids = Array.from({ length: keyId }, (_, index) => index + 1);
  const found = await Promise.allSettled(ids.map((id) => signers.byId("checkpoint", id)));
  return found.flatMap((each) => (each.status === "fulfilled" ? [each.value.publicKey] : []));
}
