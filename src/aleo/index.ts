export type { FunctionName, InputsOf, KeyOf, MappingName, MappingValueOf, ProgramAbi } from "./abi.ts";
export { AleoAccount, accountOfPrivateKey, aleoAccount } from "./account.ts";
export { agentField, agentIdOf } from "./agent-id.ts";
export {
  type Block,
  type ConfirmedTransaction,
  heightOf,
  type Transaction,
  type Transition,
  timeOf,
  transitionsOf,
} from "./block.ts";
export type { BuiltTransaction } from "./build.ts";
export {
  AleoClient,
  type AleoOptions,
  calledBy,
  credits,
  type FeeLimits,
  openAleo,
  RejectedTransaction,
  type SendOptions,
  type Sent,
} from "./client.ts";
export { DEVELOPMENT_KEYS } from "./development-keys.ts";
export { createBlocks, type Devnode, type DevnodeOptions, startDevnode } from "./devnode.ts";
export { explainRejection } from "./explain.ts";
export {
  AleoLedger,
  type Confirmation,
  openLedger,
  requireAddress,
  requireProgram,
  requireTransaction,
  type WaitOptions,
} from "./ledger.ts";
export { AleoProgram, encodeInputs, programSource, readMapping } from "./program.ts";
export { type AgentMetrics, type AgentRecord, agentRegistry } from "./programs/agent-registry.ts";
export { type Attestation, type Execution, trustVerifier } from "./programs/trust-verifier.ts";
export { type OwnedRecord, ownedRecords } from "./records.ts";
export { parseLedgerUrl, type RestPolicy } from "./rest.ts";
export { findDevnode, RUNTIME_FOLDER, thisMachine } from "./runtime.ts";
export { agentScore } from "./score.ts";
export { ALEO_NETWORKS, type AleoNetwork, type AleoSdk, loadSdk } from "./sdk.ts";
export {
  decodeLeo,
  decodeNode,
  encodeLeo,
  isMembers,
  type LeoMembers,
  type LeoNode,
  type LeoType,
  parseLeo,
  type ValueOf,
} from "./values.ts";
