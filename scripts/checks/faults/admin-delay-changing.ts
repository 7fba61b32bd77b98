import type { Fault } from "../runbook/fault.ts";

export const fault: Fault = {
  what: "the admin schedules another delay of its transfer",
  async inject({ chain, addresses }) {
    const { admin = "", verifier = "" } = addresses;
    await chain.send(admin, verifier, "changeDefaultAdminDelay(uint48)", 60);
    return { ADDRESS: verifier };
  },
  async clear({ chain, addresses }) {
    const { admin = "", verifier = "" } = addresses;
    await chain.send(admin, verifier, "rollbackDefaultAdminDelay()");
  },
};
