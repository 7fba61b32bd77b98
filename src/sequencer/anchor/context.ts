import type { Transaction } from "ethers";
import type { FeeLimits } from "../../chain/relay/fees.ts";
import type { RpcPool } from "../../chain/relay/pool.ts";
import type { BatchRow } from "../batches/rows.ts";
import type { Database } from "../store/index.ts";
import type { RegistryCalls } from "./registry-calls.ts";
import type { AnchorStore, Attempt } from "./store.ts";

/** What an operator decides about anchoring. Times are milliseconds, money is wei. */
export interface AnchorLimits extends FeeLimits {
  /** Gas limit of a transaction. */
  readonly gasLimit: bigint;
  /** Below it the process is not ready. */
  readonly minBalance: bigint;
  /** Blocks, the landing one included, after which a batch is anchored for good. */
  readonly confirmations: number;
  /** How long a transaction may wait for a block before it is replaced by one that pays more. */
  readonly resubmitAfter: number;
  /** Between two looks at the chain. */
  readonly poll: number;
  /** Streams, 0x hex, whose batches are sent again though the timelock cut them. */
  readonly resubmitCut: ReadonlySet<string>;
}

/** Why a stream's next batch does not go on right now. */
export const WAIT_CAUSES = [
  "behind-another",
  "fee-cap",
  "low-balance",
  "rpc",
  "node-refused",
  "refused",
  "reverted",
  "stream-unknown",
  "suspended",
  "wrong-anchorer",
  "chain-ahead",
  "fork",
  "cut",
  "fault",
] as const;
export type WaitCause = (typeof WAIT_CAUSES)[number];

export interface Waiting {
  readonly cause: WaitCause;
  readonly detail: string;
}

/** Who signs; the key stays behind the KeyProvider port. */
export interface AnchorKey {
  /** Checksummed address. */
  readonly address: string;
  signTransaction(transaction: Transaction): Promise<Transaction>;
}

/** What happens, for metrics and the log. */
export interface AnchorEvents {
  /** A transaction is stored and about to leave; `replaces` one under the same nonce. */
  signed(batch: BatchRow, attempt: Attempt, replaces: boolean): void;
  included(batch: BatchRow, block: number): void;
  anchored(batch: BatchRow): void;
  reorganised(batch: BatchRow): void;
  /** A stream begins to wait for this cause. */
  waits(streamId: string, waiting: Waiting): void;
  /** A node told something that the chain does not bear out. */
  contradicted(): void;
  /** The loop met an error and goes on. */
  troubled(error: unknown): void;
}

/** Everything the parts of the anchoring loop share. */
export interface AnchorContext {
  readonly chainId: bigint;
  /** As role `anchor`. */
  readonly db: Database;
  readonly store: AnchorStore;
  readonly limits: AnchorLimits;
  readonly key: AnchorKey;
  readonly pool: RpcPool;
  readonly calls: RegistryCalls;
  readonly events: AnchorEvents;
  readonly now: () => number;
  /** Hashes of transactions that a node found to pay too little. */
  readonly underpriced: Set<string>;
}
