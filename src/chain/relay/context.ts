import type { Transaction } from "ethers";
import type { ProofFile } from "../proof-file.ts";
import type { Submission } from "../submission.ts";
import type { FeeLimits } from "./fees.ts";
import type { Outbox } from "./outbox.ts";
import type { RpcPool } from "./pool.ts";
import type { SubmissionRecord, WaitCause, Waiting } from "./record.ts";
import type { VerifierCalls, VerifyingKey } from "./verifier-calls.ts";

/** What an operator decides about the relayer. Times are milliseconds, money is wei. */
export interface RelayLimits extends FeeLimits {
  /** Gas limit of a transaction. */
  readonly gasLimit: bigint;
  /** Most wei within the window, what is under way counted at its worst. */
  readonly spendingLimit: bigint;
  readonly spendingWindow: number;
  /** Below it the relayer is not ready. */
  readonly minBalance: bigint;
  /** Transactions under way at once; at least 1. */
  readonly inFlight: number;
  /** Blocks, the landing one included, after which a transaction has landed for good. */
  readonly confirmations: number;
  /** How long a transaction may wait for a block before it is replaced by one that pays more. */
  readonly resubmitAfter: number;
  /** Between two looks at the chain. */
  readonly poll: number;
}

/** Who signs. Keys stay behind the KeyProvider port. */
export interface RelayKeys {
  readonly sender: string;
  readonly signer: string;
  signTransaction(transaction: Transaction): Promise<Transaction>;
  /** 65 bytes as 0x hex. */
  vouch(submission: Submission): Promise<string>;
}

/** What happens, for metrics and the log. */
export interface RelayEvents {
  replaced(record: SubmissionRecord): void;
  reorganised(record: SubmissionRecord): void;
  /** A submission's account nonce was used by a transaction that is not the relayer's. */
  nonceTaken(record: SubmissionRecord): void;
  ended(record: SubmissionRecord): void;
  /** A submission begins to wait for this cause. */
  waits(record: SubmissionRecord, waiting: Waiting): void;
  /** A node told something that the chain does not bear out. */
  contradicted(): void;
  /** The loop met an error and goes on. */
  troubled(error: unknown): void;
}

/** Everything the parts of the relayer share. */
export interface RelayContext {
  readonly chainId: bigint;
  readonly limits: RelayLimits;
  readonly keys: RelayKeys;
  readonly pool: RpcPool;
  readonly calls: VerifierCalls;
  readonly outbox: Outbox;
  readonly events: RelayEvents;
  readonly now: () => number;
  /** Hashes of transactions that a node found to pay too little: they are replaced before their time. */
  readonly underpriced: Set<string>;
  /** Queued submissions whose proof was found to hold, by id, each with what it was checked for. */
  readonly proven: Map<string, string>;
  /** Whether a proof holds for its public signals under a verifying key, computed here. */
  readonly proofHolds: (key: VerifyingKey, signals: readonly bigint[], proof: ProofFile["proof"]) => boolean;
}

/** What comes of an attempt to bring a submission forward. */
export type Step =
  | { readonly kind: "moved"; readonly record: SubmissionRecord }
  | { readonly kind: "wait"; readonly waiting: Waiting };

export const wait = (cause: WaitCause, detail: string): Step & { kind: "wait" } => ({
  kind: "wait",
  waiting: { cause, detail },
});
