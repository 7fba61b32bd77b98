import { createContract } from "../../src/chain/deploy.ts";
import type { DeployStep } from "./step.ts";

export const circuitVerifier: DeployStep = {
  id: "0040-circuit-verifier",
  title: "Groth16Verifier with the trusted setup's key",
  async main({ signer, deployment, verifyingKey, onProgress }) {
    const record = await createContract(
      signer,
      deployment,
      {
        step: this.id,
        role: "circuitVerifier",
        artifact: "Groth16Verifier",
        args: [verifyingKey],
      },
      { onProgress },
    );
    return record.address;
  },
};
