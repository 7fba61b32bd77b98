import { createContract } from "../../src/chain/deploy.ts";
import { contractOf } from "../../src/chain/deployment.ts";
import type { DeployStep } from "./step.ts";

export const verifierImplementation: DeployStep = {
  id: "0050-verifier-implementation",
  title: "ProofXVerifier, implementation",
  async main({ signer, deployment, onProgress }) {
    const record = await createContract(
      signer,
      deployment,
      {
        step: this.id,
        role: "verifierImplementation",
        artifact: "ProofXVerifier",
        args: [],
        libraries: { PoseidonT4: contractOf(deployment, "policyHasher").address },
      },
      { onProgress },
    );
    return record.address;
  },
};
