import type { Fault } from "../runbook/fault.ts";
import { runOwnCode, upgradeToCopy } from "../runbook/other-code.ts";

export const fault: Fault = {
  what: "the verifier is upgraded to code that is not the deployment's",
  async inject(stage) {
    await upgradeToCopy(stage);
    return {};
  },
  async clear(stage) {
    await runOwnCode(stage);
    await stage.sh(`npx hardhat unpause --network "$NETWORK" --key admin
npx hardhat guardian re-arm --network "$NETWORK" --guardian "$GUARDIAN" --key admin`);
  },
};
