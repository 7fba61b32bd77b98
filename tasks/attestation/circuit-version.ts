import type { Groth16Verifier } from "../../build/types/contracts/compliance/Groth16Verifier.ts";
import { groth16At } from "../../src/chain/contracts.ts";
import { CIRCUIT_STATUS, NEVER } from "../../src/chain/relay/verifier-calls.ts";
import { UnavailableError } from "../../src/core/errors.ts";
import type { DeployedSession } from "../support/session.ts";

/** The newest circuit version that takes proofs: one that is distrusted takes none, whatever its status. */
export async function activeCircuitVersion({
  contracts,
  provider,
}: DeployedSession): Promise<{ version: bigint; verifier: Groth16Verifier }> {
  const count = await contracts.verifier.circuitVersionCount();
  for (let version = count; version > 0n; version--) {
    const { circuitVerifier, status, distrustedSince } = await contracts.verifier.circuitVersion(version);
    if (status === CIRCUIT_STATUS.active && distrustedSince === NEVER)
      return { version, verifier: groth16At(circuitVerifier, provider) };
  }
  throw new UnavailableError("no circuit version is active and trusted: the verifier takes no proofs now");
}
