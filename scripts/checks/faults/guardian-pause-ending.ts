import type { Fault } from "../runbook/fault.ts";

const SIX_DAYS_AND_A_HALF = 561_600;

export const fault: Fault = {
  what: "a guardian's pause has twelve hours left",
  late: true,
  async inject(stage) {
    await stage.sh('npx hardhat pause --network "$NETWORK" --key guardian');
    await stage.chain.passTime(SIX_DAYS_AND_A_HALF);
    return {};
  },
  watched: () => ({}),
  async clear(stage) {
    await stage.sh(`npx hardhat unpause --network "$NETWORK" --key admin
npx hardhat guardian re-arm --network "$NETWORK" --guardian "$GUARDIAN" --key admin`);
  },
};
