import { ZeroAddress } from "ethers";
import { createContract } from "../../src/chain/deploy.ts";
import type { DeployStep } from "./step.ts";

export const timelock: DeployStep = {
  id: "0020-timelock",
  title: "Timelock that alone may upgrade, activate circuits and reopen streams",
  async main({ signer, deployment, onProgress }) {
    const { admin, timelockDelay } = deployment.settings;
    const record = await createContract(
      signer,
      deployment,
      {
        step: this.id,
        role: "timelock",
        artifact: "TimelockController",
        // The admin proposes, executes and cancels; no outside admin of the timelock's own roles.
        args: [timelockDelay, [admin], [admin], ZeroAddress],
      },
      { onProgress },
    );
    return record.address;
  },
};
