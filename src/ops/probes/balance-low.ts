import { formatEther } from "ethers";
import type { Probe } from "../alerts/finding.ts";
import type { ChainView } from "./chain.ts";
import { lookAt } from "./finding.ts";

/** An account that pays for transactions. */
export interface WatchedAccount {
  readonly name: string;
  readonly address: string;
  /** Wei. */
  readonly min_balance: bigint;
}

/** Balances of accounts that pay: the figure is in ether. */
export function balanceLowProbe(chain: ChainView, accounts: readonly WatchedAccount[]): Probe {
  return {
    name: "balance-low",
    every: 60,
    look: () =>
      Promise.all(
        accounts.map(({ name, address, min_balance: least }) =>
          lookAt(name, async () => {
            const balance = await chain.ask(() => chain.provider.getBalance(address));
            return {
              breached: balance < least,
              summary: `${name} (${address}) has ${formatEther(balance)} ether; the limit is ${formatEther(least)}`,
              value: Number(formatEther(balance)),
              details: { address },
            };
          }),
        ),
      ),
  };
}
