/** Reads a log again, whole, and compares it with itself, its checkpoints and the chain. */
export { type ChainSource, type ChainStream, chainSource } from "./chain.ts";
export type { OpenPayload } from "./check-event.ts";
export { describeFault, type EntryKind, type Fault } from "./fault.ts";
export { describeReport, progressNotes } from "./report.ts";
export * from "./rows.ts";
export { type Counts, databaseSource, type Earlier, entityName, type LogSource } from "./source.ts";
export { type LogReport, type VerifyOptions, verifyLog } from "./verify-log.ts";
export type { StreamReport } from "./verify-stream.ts";
