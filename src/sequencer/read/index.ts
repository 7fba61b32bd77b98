/** What the log answers: events as their agents signed them, receipts, streams, batches, keys, proofs about events. */
export { type AgentKeyRow, type AgentSummary, listAgentKeys, listAgents } from "./agent-keys.ts";
export { type AnchoredBatch, type AnchorRow, listBatches } from "./batches.ts";
export {
  type ComplianceProofRow,
  insertComplianceProof,
  listComplianceProofs,
  proofAtRestAad,
} from "./compliance-proofs.ts";
export { type EventJson, type EventRow, eventJson, payloadAtRestAad, receiptOf } from "./event-row.ts";
export { EventReader, type LoggedEvent, MOST_EVENTS, type Opener, type Page, type Range } from "./events.ts";
export { findStream, listStreams, readHead, type StreamHead, type StreamRow } from "./streams.ts";
