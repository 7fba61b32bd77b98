import { type Result, toBeHex, ZeroAddress } from "ethers";
import { abiOf } from "../../chain/artifacts.ts";
import type { RpcPool } from "../../chain/relay/pool.ts";
import { blockTag, type RawLog } from "../../chain/relay/reads.ts";
import { RpcFault, RpcRefusal } from "../../chain/relay/rpc.ts";
import { revertName } from "../../chain/revert.ts";
import { toHex } from "../../core/bytes.ts";
import type { BatchRow } from "../batches/rows.ts";
import { logReader } from "./log-reader.ts";

/** A stream's newest batch on chain, `Head` of IAnchorRegistry.sol. */
export interface ChainHead {
  /** Who may anchor; undefined while the stream is suspended. */
  readonly anchorer: string | undefined;
  readonly batchIndex: bigint;
  readonly end: bigint;
  /** 0x hex. */
  readonly stateRoot: string;
  readonly epoch: bigint;
}

/** What `BatchAnchored` says, with where it stands. */
export interface AnchoredEvent {
  readonly streamId: string;
  readonly batchIndex: bigint;
  readonly stateRoot: string;
  readonly matureAt: bigint;
}

/** A log with its place. */
export interface PlacedLog extends RawLog {
  readonly transactionHash: string;
  readonly blockNumber: number;
  readonly blockHash: string;
}

/** Questions to the anchor registry; each answer is one that a quorum of endpoints gave. */
export class RegistryCalls {
  readonly #pool: RpcPool;
  readonly #abi = abiOf("AnchorRegistry");
  /** Lower case. */
  readonly address: string;
  /** Block of its deployment: no log is older. */
  readonly since: number;

  constructor(pool: RpcPool, address: string, since: number) {
    this.#pool = pool;
    this.address = address.toLowerCase();
    this.since = since;
  }

  /** The stream's head as of a block; undefined when it was never opened. */
  async head(streamId: string, at: number): Promise<ChainHead | undefined> {
    const data = this.#abi.encodeFunctionData("head", [streamId]);
    const call = { to: this.address, data };
    try {
      const [head] = await this.#pool.agree("eth_call", [call, blockTag(at)], (value) =>
        this.#decode("head", value),
      );
      const { anchorer, batchIndex, end, stateRoot, epoch } = head;
      return { anchorer: anchorer === ZeroAddress ? undefined : anchorer, batchIndex, end, stateRoot, epoch };
    } catch (error) {
      if (error instanceof RpcRefusal && revertName(error) === "StreamUnknown") return undefined;
      throw error;
    }
  }

  /** Calldata that appends a batch to what has this state root. */
  encodeAnchor(streamId: string, batch: BatchRow, previousStateRoot: string): string {
    const { startSequence, endSequence, batchRoot, factsRoot, logRoot } = batch;
    const count = endSequence - startSequence + 1n;
    const roots = { batchRoot: toHex(batchRoot), factsRoot: toHex(factsRoot), logRoot: toHex(logRoot) };
    const argument = { startSequence, endSequence, count, ...roots };
    return this.#abi.encodeFunctionData("anchor", [streamId, argument, previousStateRoot]);
  }

  /** Runs an anchoring without sending it. @throws RpcRefusal when it would revert. */
  async simulate(data: string, from: string, gas: bigint, at: number): Promise<void> {
    const call = { from, to: this.address, data, gas: toBeHex(gas).replace(/^0x0+/, "0x") };
    await this.#pool.agree("eth_call", [call, blockTag(at)], (value) => this.#decode("anchor", value));
  }

  /** The event of a log, when it is this registry's `BatchAnchored`. */
  readAnchored({ address, topics, data }: RawLog): AnchoredEvent | undefined {
    if (address !== this.address) return undefined;
    const log = this.#abi.parseLog({ topics, data });
    if (log?.name !== "BatchAnchored") return undefined;
    const { streamId, batchIndex, stateRoot, matureAt } = log.args;
    return { streamId, batchIndex, stateRoot, matureAt };
  }

  /** The log that anchored a batch with this state root, newest first; undefined when there is none up to a block. */
  async findAnchored(
    streamId: string,
    batchIndex: bigint,
    stateRoot: string,
    to: number,
  ): Promise<PlacedLog | undefined> {
    const topics = this.#abi.encodeFilterTopics("BatchAnchored", [streamId, batchIndex]);
    for await (const logs of logReader(this.#pool, this.address, topics, this.since, to)) {
      const found = logs.findLast((log) => this.readAnchored(log)?.stateRoot === stateRoot);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Whether the timelock cut the stream since a block. */
  async wasReopened(streamId: string, since: number, to: number): Promise<boolean> {
    const topics = this.#abi.encodeFilterTopics("StreamReopened", [streamId]);
    for await (const logs of logReader(this.#pool, this.address, topics, since, to)) {
      if (logs.length > 0) return true;
    }
    return false;
  }

  #decode(method: string, value: unknown): Result {
    try {
      return this.#abi.decodeFunctionResult(method, value as string);
    } catch {
      throw new RpcFault("malformed", `a node answered ${method} with something that it cannot answer`);
    }
  }
}
