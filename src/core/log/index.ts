/** The signed log: events, batches, the RFC 9162 log, state roots (docs/formats.md section 1). Pure, browser safe. */
export * from "./batch-tree.ts";
export * from "./build.ts";
export * from "./close-batch.ts";
export * from "./event.ts";
export { eventToJson, parseEvent, parseSequencedEvent, sequencedEventToJson } from "./json.ts";
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
export * from "./signature.ts";
export { signingHash } from "./signing.ts";
export * from "./state-root.ts";
export * from "./verify.ts";
