import { createContract, encodeInitialize } from "../../src/chain/deploy.ts";
import { contractOf } from "../../src/chain/deployment.ts";
import type { DeployStep } from "./step.ts";

export const verifierProxy: DeployStep = {
  id: "0060-verifier-proxy",
  title: "ProofXVerifier, initialised by its proxy's constructor with the final admin",
  async main({ signer, deployment, onProgress }) {
    const { admin, adminDelay, guardians, signers, policyAdmins } = deployment.settings;
    const initialize = encodeInitialize("ProofXVerifier", [
      {
        admin,
        adminDelay,
        timelock: contractOf(deployment, "timelock").address,
        registry: contractOf(deployment, "registry").address,
        circuitVerifier: contractOf(deployment, "circuitVerifier").address,
        guardians,
        signers,
        policyAdmins,
      },
    ]);
    const record = await createContract(
      signer,
      deployment,
      {
        step: this.id,
        role: "verifier",
        artifact: "ERC1967Proxy",
        args: [contractOf(deployment, "verifierImplementation").address, initialize],
      },
      { onProgress },
    );
    return record.address;
  },
};
