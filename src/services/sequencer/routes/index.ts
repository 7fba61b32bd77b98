import type { HttpServer } from "../../support/http.ts";
import type { RouteParts } from "../parts.ts";
import { readBodiesStrictly } from "../strict-body.ts";
import { addBatch } from "./batch.ts";
import { addBatches } from "./batches.ts";
import { addCompliance } from "./compliance.ts";
import { addEvents } from "./events.ts";
import { addKeys } from "./keys.ts";
import { addProofs } from "./proofs.ts";
import { addPublished } from "./published.ts";
import { addReads } from "./reads.ts";
import { addSchemas } from "./schemas.ts";
import { addStreams } from "./streams.ts";
import { addTail } from "./tail.ts";
import { addTokens } from "./tokens.ts";

/** All of the sequencer's routes (docs/log.md). */
export function addSequencerRoutes(server: HttpServer, parts: RouteParts): void {
  readBodiesStrictly(server);
  addPublished(server, parts);
  addStreams(server, parts);
  addEvents(server, parts);
  addBatch(server, parts);
  addReads(server, parts);
  addTail(server, parts);
  addProofs(server, parts);
  addBatches(server, parts);
  addKeys(server, parts);
  addSchemas(server, parts);
  addCompliance(server, parts);
  addTokens(server, parts);
}
