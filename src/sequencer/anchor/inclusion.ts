import { blockTag, parseBlock, parseReceipt, type Receipt } from "../../chain/relay/reads.ts";
import { RpcFault } from "../../chain/relay/rpc.ts";
import { toHex } from "../../core/bytes.ts";
import type { AnchorContext } from "./context.ts";
import type { AnchorRow, Placed } from "./store.ts";

/**
 * Where a batch that the chain's head includes was anchored: by a transaction of ours, else by whoever did it, e.g. by hand.
 *
 * @throws RpcFault while the nodes do not tell, or an answer contradicts itself.
 */
export async function findPlace(context: AnchorContext, batch: AnchorRow, at: number): Promise<Placed> {
  const { calls, pool } = context;
  const stateRoot = toHex(batch.stateRoot);
  for (const bytes of [...batch.hashes].reverse()) {
    const hash = toHex(bytes);
    const receipt = await pool.agree("eth_getTransactionReceipt", [hash], parseReceipt(hash));
    if (receipt?.succeeded !== true) continue;
    return await confirmed(context, receipt, stateRoot);
  }
  const log = await calls.findAnchored(toHex(batch.streamId), batch.batchIndex, stateRoot, at);
  const event = log === undefined ? undefined : calls.readAnchored(log);
  if (log === undefined || event === undefined)
    throw lie(context, `batch ${batch.batchIndex} is in the chain's head, and its log is missing`);
  const { transactionHash: hash, blockNumber, blockHash } = log;
  return { hash, blockNumber, blockHash, chainBatchIndex: event.batchIndex, matureAt: event.matureAt };
}

/** How many of a batch's transactions landed and were refused by the contract. */
export async function countReverted({ pool }: AnchorContext, batch: AnchorRow): Promise<number> {
  let count = 0;
  for (const bytes of batch.hashes) {
    const hash = toHex(bytes);
    const receipt = await pool.agree("eth_getTransactionReceipt", [hash], parseReceipt(hash));
    if (receipt?.succeeded === false) count += 1;
  }
  return count;
}

/** The receipt's place, as the block itself and the registry's event in it bear out. */
async function confirmed(
  context: AnchorContext,
  { hash, blockHash, blockNumber, logs }: Receipt,
  stateRoot: string,
): Promise<Placed> {
  const { pool, calls } = context;
  const block = await pool.agree("eth_getBlockByNumber", [blockTag(blockNumber), false], parseBlock);
  if (block?.hash !== blockHash || !block.transactions.includes(hash))
    throw lie(context, "a receipt names a block that does not hold its transaction");
  const event = logs.map((log) => calls.readAnchored(log)).find((each) => each?.stateRoot === stateRoot);
  if (event === undefined) throw lie(context, "a receipt lacks the registry's event");
  return { hash, blockNumber, blockHash, chainBatchIndex: event.batchIndex, matureAt: event.matureAt };
}

function lie({ events }: AnchorContext, what: string): RpcFault {
  events.contradicted();
  return new RpcFault("disagreement", what);
}
