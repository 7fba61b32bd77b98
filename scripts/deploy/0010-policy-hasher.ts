import { createContract } from "../../src/chain/deploy.ts";
import type { DeployStep } from "./step.ts";

export const policyHasher: DeployStep = {
  id: "0010-policy-hasher",
  title: "Poseidon library that hashes policies",
  async main({ signer, deployment, onProgress }) {
    const record = await createContract(
      signer,
      deployment,
      {
        step: this.id,
        role: "policyHasher",
        artifact: "PoseidonT4",
        args: [],
      },
      { onProgress },
    );
    return record.address;
  },
};
