import type { Fault } from "../runbook/fault.ts";
import { STRANGER } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "a stranger may anchor a stream",
  async inject(stage) {
    const { id } = await stage.spareStream();
    await stage.sh(
      `npx hardhat stream anchorer --network "$NETWORK" --stream ${id} --anchorer ${STRANGER} --key admin`,
    );
    return { STREAM: id, ANCHORER: stage.addresses.deployer ?? "" };
  },
};
