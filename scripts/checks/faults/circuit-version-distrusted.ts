import { activateVersion, addVersion } from "../runbook/circuit-versions.ts";
import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "what a circuit version accepted is voided",
  async inject(stage) {
    const version = await addVersion(stage);
    await activateVersion(stage, version);
    await stage.sh(
      `npx hardhat distrust --network "$NETWORK" --circuit-version ${version} --since block:1 --key admin`,
    );
    return { VERSION: version };
  },
};
