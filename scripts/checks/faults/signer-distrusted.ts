import type { Fault } from "../runbook/fault.ts";
import { STRANGER } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "what a signer vouched for is voided",
  async inject(stage) {
    const since = `block:${await stage.chain.height()}`;
    await stage.sh(
      `npx hardhat distrust --network "$NETWORK" --signer ${STRANGER} --since ${since} --key admin`,
    );
    return { SIGNER: STRANGER, SINCE: since };
  },
};
