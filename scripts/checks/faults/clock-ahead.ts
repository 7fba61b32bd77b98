import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "the chain's clock is a quarter of an hour ahead of this machine's",
  late: true,
  async inject({ chain }) {
    await chain.passTime(900);
    return {};
  },
};
