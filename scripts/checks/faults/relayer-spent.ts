import { BusyRelayer, isFinal } from "../runbook/busy-relayer.ts";
import type { Fault } from "../runbook/fault.ts";
import { freshProof } from "../runbook/fresh-proofs.ts";

const GWEI = 1_000_000_000;
const DEAR = `0x${(40 * GWEI).toString(16)}`;
const USUAL = `0x${GWEI.toString(16)}`;
/** One transaction's worst, 800,000 gas at the 50 gwei that it may offer, and hardly more. */
const LIMIT = "0.0401";

let relayer: BusyRelayer | undefined;

export const fault: Fault = {
  what: "gas is dear, and what may be spent on it enough for one submission of two",
  async before(stage) {
    relayer = await BusyRelayer.start(stage, { spendingLimit: LIMIT });
  },
  async inject(stage) {
    const [one, other] = [await freshProof(stage), await freshProof(stage)];
    await stage.chain.rpc("hardhat_setNextBlockBaseFeePerGas", DEAR);
    const ids = [await relayer?.submit(one), await relayer?.submit(other)];
    await relayer?.until(ids[0] ?? "", isFinal);
    await relayer?.until(ids[1] ?? "", ({ waiting }) => waiting?.cause === "spending-limit");
    return {};
  },
  async clear(stage) {
    await relayer?.stop();
    await stage.chain.rpc("hardhat_setNextBlockBaseFeePerGas", USUAL);
  },
};
