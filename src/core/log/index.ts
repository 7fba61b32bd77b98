/** The signed log: events, receipts, batches, the RFC 9162 log and its checkpoints, state roots (docs/formats.md section 1). Pure, browser safe. */
export * from "./batch-tree.ts";
export * from "./build.ts";
export * from "./checkpoint.ts";
export * from "./close-batch.ts";
export * from "./cosignature.ts";
export { describeInspection } from "./describe-inspection.ts";
export * from "./event.ts";
export * from "./fork.ts";
export * from "./inspect.ts";
export { chooseEvent } from "./inspect-read.ts";
export { eventToJson, parseEvent, parseSequencedEvent, sequencedEventToJson } from "./json.ts";
export * from "./key-statement.ts";
export * from "./leaf.ts";
export * from "./log-frontier.ts";
export * from "./log-proofs.ts";
export * from "./log-tree.ts";
export {
  cipherHash,
  payloadAad,
  plainHash,
  recipientsHash,
} from "./payload.ts";
export * from "./receipt.ts";
export * from "./seal.ts";
export * from "./signature.ts";
export * from "./signed-note.ts";
export { signingHash } from "./signing.ts";
export * from "./state-root.ts";
export * from "./verifier-key.ts";
export * from "./verify.ts";
export * from "./witness-request.ts";
