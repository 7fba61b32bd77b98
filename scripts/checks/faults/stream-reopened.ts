import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "the timelock cuts a stream's last batch",
  async inject(stage) {
    const stream = await stage.spareStream();
    await stream.anchor();
    const keep = (await stream.batches()) - 1;
    await stage.sh(
      `npx hardhat stream reopen --network "$NETWORK" --stream ${stream.id} --keep ${keep} --allow-live --wait --key admin`,
    );
    return { STREAM: stream.id };
  },
};
