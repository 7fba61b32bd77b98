import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "a stream is opened",
  inject: async (stage) => ({ STREAM: (await stage.spareStream()).id }),
  async clear(stage) {
    const { id } = await stage.spareStream();
    await stage.sh(
      `npx hardhat stream anchorer --network "$NETWORK" --stream ${id} --anchorer "$DEPLOYER" --key admin`,
    );
  },
};
