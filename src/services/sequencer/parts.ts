import type { Agents } from "../../sequencer/agents/index.ts";
import type { Sealer } from "../../sequencer/at-rest/index.ts";
import type { BatchProofs } from "../../sequencer/batches/index.ts";
import type { LogIdentity } from "../../sequencer/identity/index.ts";
import type { Ingest } from "../../sequencer/ingest/index.ts";
import type { EventReader } from "../../sequencer/read/index.ts";
import type { Schemas } from "../../sequencer/schemas/index.ts";
import type { Database } from "../../sequencer/store/index.ts";
import type { Checkpointer, LogReader } from "../../sequencer/tree/index.ts";
import type { Heads } from "./heads.ts";
import type { SequencerMetrics } from "./metrics.ts";
import type { OpenAccess } from "./open-access.ts";
import type { SequencerSettings } from "./settings.ts";
import type { Tails } from "./tails.ts";

/** What the routes stand on. */
export interface RouteParts {
  readonly settings: SequencerSettings;
  /** As the API's role. */
  readonly database: Database;
  readonly access: OpenAccess;
  readonly ingest: Ingest;
  readonly agents: Agents;
  readonly schemas: Schemas;
  readonly identity: LogIdentity;
  readonly reader: EventReader;
  readonly sealer: Sealer;
  readonly log: LogReader;
  readonly checkpointer: Checkpointer;
  readonly batchProofs: BatchProofs;
  readonly heads: Heads;
  readonly tails: Tails;
  readonly metrics: SequencerMetrics;
}
