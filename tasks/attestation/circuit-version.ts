import type { Groth16Verifier } from "../../build/types/contracts/compliance/Groth16Verifier.ts";
import { groth16At } from "../../src/chain/contracts.ts";
import { UnavailableError } from "../../src/core/errors.ts";
import type { DeployedSession } from "../support/session.ts";

/** `CircuitStatus.Active` in IProofXVerifier.sol. */
const ACTIVE = 2n;

/** The newest circuit version that takes proofs. */
export async function activeCircuitVersion({
  contracts,
  provider,
}: DeployedSession): Promise<{ version: bigint; verifier: Groth16Verifier }> {
  const count = await contracts.verifier.circuitVersionCount();
  for (let version = count; version > 0n; version--) {
    const { circuitVerifier, status } = await contracts.verifier.circuitVersion(version);
    if (status === ACTIVE) return { version, verifier: groth16At(circuitVerifier, provider) };
  }
  throw new UnavailableError("no circuit version is active: the verifier takes no proofs now");
}
