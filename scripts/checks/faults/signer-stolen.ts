import { randomUUID } from "node:crypto";
import type { Fault } from "../runbook/fault.ts";
import { STRANGER } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "a thief has a signer's key",
  async inject(stage) {
    const since = await stage.chain.height();
    await stage.sh(
      `npx hardhat roles grant --network "$NETWORK" --role signer --account ${STRANGER} --key admin`,
    );
    return {
      SIGNER: STRANGER,
      SINCE: String(since),
      NAME: `signer-after-${randomUUID().slice(0, 8)}`,
    };
  },
};
