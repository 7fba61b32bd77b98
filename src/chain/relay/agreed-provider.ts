import { JsonRpcApiProvider, type JsonRpcPayload, type JsonRpcResult, Network } from "ethers";
import type { RpcPool } from "./pool.ts";
import { blockTag, readHeads } from "./reads.ts";
import { RpcFault, RpcRefusal } from "./rpc.ts";

/** Fields on which honest nodes of one block agree; what else they send is their own. */
const BLOCK_FIELDS = [
  "hash",
  "parentHash",
  "number",
  "timestamp",
  "nonce",
  "difficulty",
  "gasLimit",
  "gasUsed",
  "miner",
  "extraData",
  "baseFeePerGas",
  "transactions",
] as const;
const LOG_FIELDS = [
  "address",
  "blockHash",
  "blockNumber",
  "data",
  "logIndex",
  "removed",
  "topics",
  "transactionHash",
  "transactionIndex",
] as const;

/** Where each method takes the block that it is about. */
const TAG_PLACE: Readonly<Record<string, number>> = {
  eth_call: 1,
  eth_getBalance: 1,
  eth_getCode: 1,
  eth_getTransactionCount: 1,
  eth_getStorageAt: 2,
  eth_getBlockByNumber: 0,
};

/**
 * Reads a chain through ethers, every answer being one that a quorum of nodes gave. "latest" is the highest block that
 * a quorum has reached, so that nodes which are a block apart still say the same. It sends nothing.
 *
 * Calls end with RpcFault while too few nodes answer or they disagree.
 */
export class AgreedProvider extends JsonRpcApiProvider {
  readonly #pool: RpcPool;

  constructor(pool: RpcPool, chainId: bigint) {
    const network = Network.from(chainId);
    super(network, { staticNetwork: network, batchMaxCount: 1, cacheTimeout: -1 });
    this.#pool = pool;
    this._start();
  }

  override async _send(
    payload: JsonRpcPayload | JsonRpcPayload[],
  ): Promise<(JsonRpcResult | { id: number; error: { code: number; message: string; data: unknown } })[]> {
    return Promise.all([payload].flat().map((each) => this.#answer(each)));
  }

  async #answer({ id, method, params }: JsonRpcPayload) {
    try {
      return { id, result: await this.#ask(method, Array.isArray(params) ? params : []) };
    } catch (error) {
      if (!(error instanceof RpcRefusal)) throw error;
      return { id, error: { code: error.code, message: error.message, data: error.data } };
    }
  }

  async #ask(method: string, params: readonly unknown[]): Promise<unknown> {
    if (method === "eth_chainId") return blockTag(Number((await this.getNetwork()).chainId));
    if (method === "eth_blockNumber") return blockTag(await this.#head());
    return this.#pool.agree(method, await this.#atHead(method, params), bare);
  }

  /** Words like "latest", or no block at all, become the number of the agreed head. */
  async #atHead(method: string, params: readonly unknown[]): Promise<unknown[]> {
    const made = [...params];
    const place = TAG_PLACE[method];
    if (place !== undefined && isMoving(made[place])) made[place] = blockTag(await this.#head());
    if (method !== "eth_getLogs") return made;
    const [filter] = made as [{ fromBlock?: unknown; toBlock?: unknown; blockHash?: unknown }];
    if (filter.blockHash === undefined && isMoving(filter.toBlock))
      made[0] = { ...filter, toBlock: blockTag(await this.#head()) };
    return made;
  }

  async #head(): Promise<number> {
    const { agreed } = await readHeads(this.#pool);
    if (agreed !== undefined) return agreed;
    throw new RpcFault("transport", `fewer than ${this.#pool.quorum} RPC endpoints answer`);
  }
}

function isMoving(tag: unknown): boolean {
  return tag === undefined || tag === "latest" || tag === "pending";
}

function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== "object" || value === null) return value;
  const fields = "topics" in value ? LOG_FIELDS : "parentHash" in value ? BLOCK_FIELDS : undefined;
  if (fields === undefined) return value;
  return Object.fromEntries(fields.map((name) => [name, Reflect.get(value, name)]));
}
