import { createContract } from "../../src/chain/deploy.ts";
import { contractOf } from "../../src/chain/deployment.ts";
import type { DeployStep } from "./step.ts";

export const registry: DeployStep = {
  id: "0030-registry",
  title: "AnchorRegistry",
  async main({ signer, deployment, onProgress }) {
    const { admin, adminDelay, guardians } = deployment.settings;
    const record = await createContract(
      signer,
      deployment,
      {
        step: this.id,
        role: "registry",
        artifact: "AnchorRegistry",
        args: [admin, adminDelay, guardians, contractOf(deployment, "timelock").address],
      },
      { onProgress },
    );
    return record.address;
  },
};
