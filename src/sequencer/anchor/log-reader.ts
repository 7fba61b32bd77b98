import { z } from "zod";
import { hexTextField } from "../../chain/fields.ts";
import type { RpcPool } from "../../chain/relay/pool.ts";
import { blockTag } from "../../chain/relay/reads.ts";
import { RpcFault, smallQuantity } from "../../chain/relay/rpc.ts";
import type { PlacedLog } from "./registry-calls.ts";

/** Blocks asked for at once: public nodes refuse longer ranges. */
const RANGE = 9_000;

const log = z.object({
  address: z.string(),
  topics: z.array(hexTextField(32)),
  data: hexTextField(),
  transactionHash: hexTextField(32),
  blockHash: hexTextField(32),
  blockNumber: z.string(),
});

/** A contract's logs as a quorum of endpoints tells them, range by range, the newest range first. */
export async function* logReader(
  pool: RpcPool,
  address: string,
  topics: readonly (string | readonly string[] | null)[],
  from: number,
  to: number,
): AsyncGenerator<PlacedLog[]> {
  for (let last = to; last >= from; last -= RANGE) {
    const first = Math.max(last - RANGE + 1, from);
    const filter = { address, topics, fromBlock: blockTag(first), toBlock: blockTag(last) };
    yield await pool.agree("eth_getLogs", [filter], parseLogs);
  }
}

function parseLogs(value: unknown): PlacedLog[] {
  const parsed = z.array(log).safeParse(value);
  if (!parsed.success) throw new RpcFault("malformed", "a node answered with logs that are none");
  return parsed.data.map((each) => ({
    ...each,
    address: each.address.toLowerCase() as PlacedLog["address"],
    blockNumber: smallQuantity(each.blockNumber, "log"),
  }));
}
