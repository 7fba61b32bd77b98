export { type AnchorCompromise, anchorCompromise, type OwnBatch } from "./anchor-compromise.ts";
export { type CircuitBug, circuitBug, type FixedKey } from "./circuit-bug.ts";
export { type RelayerPlace, switchRelayer } from "./relayer-switch.ts";
export { type IncidentReport, runIncident } from "./run.ts";
export { type SignerCompromise, signerCompromise } from "./signer-compromise.ts";
export { type IncidentState, openState, saveState } from "./state.ts";
export { Awaiting, type Duty, type Hands, type IncidentStep, type StepRecord } from "./step.ts";
