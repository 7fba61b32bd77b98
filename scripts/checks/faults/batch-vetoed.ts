import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "a guardian vetoes a batch",
  async inject(stage) {
    const stream = await stage.spareStream();
    await stream.anchor();
    const batch = String(await stream.batches());
    await stage.sh(
      `npx hardhat stream veto --network "$NETWORK" --stream ${stream.id} --batch ${batch} --key guardian`,
    );
    return { STREAM: stream.id, BATCH: batch };
  },
};
