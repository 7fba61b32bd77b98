/** Anchors closed batches in the AnchorRegistry, each once and in order. */
export { Anchoring, type AnchoringView } from "./anchoring.ts";
export * from "./context.ts";
export { RegistryCalls } from "./registry-calls.ts";
export * from "./store.ts";
