import type { Groth16Verifier } from "../../build/types/contracts/compliance/Groth16Verifier.ts";
import { type SolidityVerifyingKey, verificationKeyHash } from "../setup/index.ts";

/** The verifying key of a deployed circuit verifier. */
export async function deployedKey(verifier: Groth16Verifier): Promise<SolidityVerifyingKey> {
  const { alpha, beta, gamma, delta, ic } = await verifier.verifyingKey();
  return { alpha, beta, gamma, delta, ic } as unknown as SolidityVerifyingKey;
}

/** Its hash, as transcripts and deployment files name it. */
export async function deployedKeyHash(verifier: Groth16Verifier): Promise<string> {
  return verificationKeyHash(await deployedKey(verifier));
}
