/**
 * What an agent's developer imports: build, seal, sign and send events, check receipts, read and prove. Runs in Node and in
 * browsers (docs/sdk.md).
 */
export { fromHex, type Hex, toHex } from "../core/bytes.ts";
export { CheckError, InputError, ProofXError, RefusedError, UnavailableError } from "../core/errors.ts";
export type { Json } from "../core/json-value.ts";
export { buildEvent, type EventSigner } from "../core/log/build.ts";
export { type Checkpoint, type OpenedCheckpoint, openCheckpoint } from "../core/log/checkpoint.ts";
export { verifyCosignature } from "../core/log/cosignature.ts";
export type * from "../core/log/event.ts";
export { ForkError } from "../core/log/fork.ts";
export { eventToJson, parseEvent, parseSequencedEvent, sequencedEventToJson } from "../core/log/json.ts";
export { type AgentKeyStatement, proveAgentKey } from "../core/log/key-statement.ts";
export { eventLeaf, type LeafContent, streamId } from "../core/log/leaf.ts";
export { verifyLogConsistency, verifyLogInclusion } from "../core/log/log-proofs.ts";
export { parseReceipt, type Receipt, receiptToJson, verifyReceipt } from "../core/log/receipt.ts";
export {
  type OpenedPayload,
  openPayload,
  type PayloadReader,
  type Sealing,
  sealPayload,
} from "../core/log/seal.ts";
export { signingHash } from "../core/log/signing.ts";
export { parseVerifierKey, type VerifierKey } from "../core/log/verifier-key.ts";
export { verifyEvent } from "../core/log/verify.ts";
export type { Replacement } from "./agent-keys.ts";
export type { BatchAnchor, ClosedRange } from "./batches.ts";
export * from "./client.ts";
export type { Agent, EventDraft } from "./draft.ts";
export type { EventRange, Head, TailOptions } from "./events.ts";
export type { LoggedEvent } from "./logged-event.ts";
export type { Inclusion } from "./proofs.ts";
export type { LogKeys } from "./published-keys.ts";
export { SequencerRefusal } from "./refusal.ts";
export type { RetryPolicy } from "./retry.ts";
export type { ChunkLimits, Outcome, Sent } from "./send.ts";
export { generateSecretKey, secretSigner } from "./signer.ts";
export type { Credential, TransportOptions } from "./transport.ts";
