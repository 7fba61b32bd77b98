import type { OnProgress } from "./progress.ts";
import type { Transcript } from "./transcript.ts";
import type { SolidityVerifyingKey } from "./verifying-key.ts";

export interface VerifyRequest {
  /** Path of the compiled circuit. */
  readonly r1cs: string;
  /** Path of the powers of tau; the development file unless given. */
  readonly ptau?: string;
  /** Path of the proving key. */
  readonly zkey: string;
  /** Path of the transcript, or what was read from one. */
  readonly transcript: string | Transcript;
  /** `verifyingKey()` of the deployed circuit verifier, to compare with the exported one. */
  readonly deployedKey?: SolidityVerifyingKey;
  readonly onProgress?: OnProgress;
}

/** One check; `expected` and `got` are for people. */
export interface SetupCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly expected: string;
  readonly got: string;
}

export interface SetupVerification {
  readonly ok: boolean;
  readonly development: boolean;
  /** In the order in which they were made. */
  readonly checks: readonly SetupCheck[];
  /** The first check that said no. */
  readonly firstWrong: SetupCheck | undefined;
}

/**
 * Checks a setup from scratch, believing nothing that can be computed.
 *
 * @returns one entry a check; a bad setup is a result, no exception.
 * @throws UnavailableError when a file is missing.
 */
export async function verifySetup(_request: VerifyRequest): Promise<SetupVerification> {
  throw new Error("being written");
}
