import { formatEther } from "ethers";
import type { RpcPool } from "../../chain/relay/pool.ts";
import type { AnchoringView } from "../../sequencer/anchor/index.ts";

/** Why batches are not anchored now, or soon will not be: one sentence each. */
export function obstaclesOf(
  { heads, balance, fault, nodeFault, waiting }: AnchoringView,
  pool: RpcPool,
  minBalance: bigint,
  closingFault: string | undefined,
): string[] {
  const obstacles: string[] = [];
  if (closingFault !== undefined) obstacles.push(`batches cannot be closed: ${closingFault}`);
  if (fault !== undefined) obstacles.push(fault);
  if (nodeFault !== undefined) obstacles.push(nodeFault);
  if (heads === undefined) obstacles.push("the chain has not been looked at yet");
  if (heads !== undefined && heads.agreed === undefined) {
    const faults = [...pool.faults].map(([endpoint, kind]) => `endpoint ${endpoint}: ${kind}`);
    obstacles.push(`fewer than ${pool.quorum} RPC endpoints answer (${faults.join(", ")})`);
  }
  for (const { cause, detail } of waiting.values()) if (cause !== "behind-another") obstacles.push(detail);
  if (balance !== undefined && balance < minBalance)
    obstacles.push(
      `the anchorer's balance of ${formatEther(balance)} ether is below min_balance, ${formatEther(minBalance)}`,
    );
  return obstacles;
}
