/** The trusted setup: powers of tau, phase 2, its transcript and the check of all of it from scratch. */
export { type CompiledCircuit, type CompileOptions, compileCircuit } from "./compile.ts";
export { describeContributors } from "./contributors.ts";
export { assertDeployable, type DeployableRequest, requireSound } from "./deployable.ts";
export { ensureSetup, type OwnSetup, type Setup, type SetupRequest } from "./ensure.ts";
export type { Beacon } from "./phase2.ts";
export type { OnProgress, Progress } from "./progress.ts";
export { DEVELOPMENT_PTAU, type IdentifiedPtau, identifyPtau } from "./ptau.ts";
export { readTranscript, type Transcript } from "./transcript.ts";
export { type SetupCheck, type SetupVerification, type VerifyRequest, verifySetup } from "./verify.ts";
export {
  exportVerificationKey,
  type SolidityVerifyingKey,
  toSolidity,
  type VerificationKey,
  verificationKeyHash,
} from "./verifying-key.ts";
