import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "a stream's anchorer anchors batches that the log never closed",
  async inject(stage) {
    const stream = await stage.spareStream();
    for (let i = 0; i < 3; i++) await stream.anchor();
    return {
      STREAM: stream.id,
      KEEP: String((await stream.batches()) - 3),
      ACCOUNT: stage.addresses.anchorer ?? "",
    };
  },
  async clear(stage) {
    const { id } = await stage.spareStream();
    await stage.sh(
      `npx hardhat stream anchorer --network "$NETWORK" --stream ${id} --anchorer "$DEPLOYER" --key admin`,
    );
  },
};
