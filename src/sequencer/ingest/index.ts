/** The way into the log: every event is checked, sequenced, sealed and on disk before its receipt goes out. */
export { createIngest, type IngestParts } from "./ingest.ts";
export {
  type Accepted,
  type AppendOwn,
  type Caller,
  type Effect,
  INGEST_LIMITS,
  type Ingest,
  type IngestLimits,
  type OwnDraft,
  type RecordSealer,
} from "./ports.ts";
export { Refusal, type RefusalCode, type RefusalParts } from "./refusal.ts";
