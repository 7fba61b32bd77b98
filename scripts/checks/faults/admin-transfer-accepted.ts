import type { Fault } from "../runbook/fault.ts";
import type { Stage } from "../runbook/stage.ts";

/** The story's deployment lets the default admin pass after two days. */
const DELAY = 172_801;

export const fault: Fault = {
  what: "nobody took the handover to a thief back, who accepted",
  late: true,
  async inject(stage) {
    const { admin = "", thief = "" } = stage.addresses;
    await handOver(stage, admin, thief);
    return { ACCOUNT: thief };
  },
  async clear(stage) {
    const { admin = "", thief = "", verifier = "" } = stage.addresses;
    // At once: two more days of it would be taken from the guardians' seven. It is not paused when a step before that failed.
    await stage.chain.send(thief, verifier, "unpause()").catch(() => undefined);
    await handOver(stage, thief, admin);
    await stage.sh('npx hardhat guardian re-arm --network "$NETWORK" --guardian "$GUARDIAN" --key admin');
  },
};

/** The default admin of both contracts, in its two steps. */
async function handOver({ chain, addresses }: Stage, from: string, to: string): Promise<void> {
  const contracts = [addresses.verifier ?? "", addresses.registry ?? ""];
  for (const contract of contracts)
    await chain.send(from, contract, "beginDefaultAdminTransfer(address)", to);
  await chain.passTime(DELAY);
  for (const contract of contracts) await chain.send(to, contract, "acceptDefaultAdminTransfer()");
}
