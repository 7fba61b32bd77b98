import { formatEther } from "ethers";
import type { RelayLimits } from "../../chain/relay/context.ts";
import type { RpcPool } from "../../chain/relay/pool.ts";
import type { RelayView } from "../../chain/relay/relay.ts";

/** Why the relayer sends nothing now, or soon will not: one sentence each. */
export function obstaclesOf(
  view: RelayView,
  pool: RpcPool,
  { minBalance, spendingLimit, spendingWindow }: RelayLimits,
  spent: boolean,
): string[] {
  const { heads, balance, common, fault, nodeFault, spending } = view;
  const obstacles: string[] = [];
  if (fault !== undefined) obstacles.push(fault);
  if (nodeFault !== undefined) obstacles.push(nodeFault);
  if (heads === undefined) obstacles.push("the chain has not been looked at yet");
  if (heads !== undefined && heads.agreed === undefined) {
    const faults = [...pool.faults].map(([endpoint, kind]) => `endpoint ${endpoint}: ${kind}`);
    obstacles.push(`fewer than ${pool.quorum} RPC endpoints answer (${faults.join(", ")})`);
  }
  if (common !== undefined) obstacles.push(common.detail);
  if (balance !== undefined && balance < minBalance)
    obstacles.push(
      `the sender's balance of ${formatEther(balance)} ether is below min_balance, ${formatEther(minBalance)}`,
    );
  if (spent)
    obstacles.push(
      `the limit of ${formatEther(spendingLimit)} ether in ${spendingWindow / 1000} s is used up: ` +
        `${formatEther(spending.paid)} paid, ${formatEther(spending.atMost)} under way`,
    );
  return obstacles;
}
