import { Transaction } from "ethers";
import type { RelayContext } from "./context.ts";
import type { Fees } from "./fees.ts";
import type { Attempt, SubmissionRecord } from "./record.ts";
import { RpcFault, RpcRefusal } from "./rpc.ts";

/** A call of a contract that is to be sent. */
export interface Call {
  readonly chainId: bigint;
  readonly nonce: number;
  readonly to: string;
  readonly data: string;
  readonly gasLimit: bigint;
  readonly fees: Fees;
}

/** Who pays for a call. */
export interface CallSigner {
  /** What it is called in an error: `sender`. */
  readonly name: string;
  /** Checksummed address. */
  readonly address: string;
  signTransaction(transaction: Transaction): Promise<Transaction>;
}

/** What is kept of a signed transaction; fees are wei a unit of gas, decimal. */
export interface SignedCall {
  readonly hash: string;
  readonly raw: string;
  readonly maxFeePerGas: string;
  readonly maxPriorityFeePerGas: string;
}

/** Signs a call as a transaction of type 2. */
export async function signCall({ fees, ...call }: Call, signer: CallSigner): Promise<SignedCall> {
  const { maxFeePerGas, maxPriorityFeePerGas } = fees;
  const unsigned = Transaction.from({ type: 2, ...call, maxFeePerGas, maxPriorityFeePerGas, value: 0n });
  const signed = await signer.signTransaction(unsigned);
  if (signed.hash === null || signed.from !== signer.address)
    throw new Error(`the ${signer.name}'s key left no signature`);
  return {
    hash: signed.hash,
    raw: signed.serialized,
    maxFeePerGas: String(maxFeePerGas),
    maxPriorityFeePerGas: String(maxPriorityFeePerGas),
  };
}

/** Signs the one transaction that carries a submission at an account nonce. */
export async function signAttempt(
  { chainId, keys, limits, calls, now }: RelayContext,
  nonce: number,
  data: string,
  signer: string,
  fees: Fees,
): Promise<Attempt> {
  const { gasLimit } = limits;
  const signed = await signCall(
    { chainId, nonce, to: calls.verifier, data, gasLimit, fees },
    { name: "sender", address: keys.sender, signTransaction: (unsigned) => keys.signTransaction(unsigned) },
  );
  return { ...signed, gasLimit: String(gasLimit), signer, at: now() };
}

/** Calldata of one of a submission's signed transactions. */
export function calldataOf({ account }: SubmissionRecord, hash: string): string {
  const raw = account?.attempts.find((attempt) => attempt.hash === hash)?.raw ?? "";
  return Transaction.from(raw).data;
}

/** What nodes made of a signed transaction. */
export type SendOutcome =
  | { readonly kind: "taken" }
  /** Its nonce is used up, perhaps by itself: the chain has to be looked at. */
  | { readonly kind: "nonce-used" }
  /** A transaction under way has to be replaced by one that pays more. */
  | { readonly kind: "underpriced" }
  | { readonly kind: "poor" }
  | { readonly kind: "refused"; readonly detail: string }
  | { readonly kind: "unreachable"; readonly detail: string };

/** Hands a signed transaction to every endpoint: one that drops it in silence does no harm then. */
export async function broadcast({ pool }: Pick<RelayContext, "pool">, raw: string): Promise<SendOutcome> {
  const results = await pool.each("eth_sendRawTransaction", [raw], (value) => value);
  const outcomes = results.map(({ result }) => outcomeOf(result));
  const kinds = ["taken", "nonce-used", "underpriced", "poor", "refused"] as const;
  for (const kind of kinds) {
    const found = outcomes.find((outcome) => outcome.kind === kind);
    if (found !== undefined) return found;
  }
  return outcomes[0] ?? { kind: "unreachable", detail: "there is no RPC endpoint" };
}

/** Nodes tell their reasons in words only; these are geth's, Nethermind's, Erigon's, Besu's and Hardhat's. */
const REASONS: readonly (readonly [RegExp, SendOutcome["kind"]])[] = [
  [/already known|known transaction|already imported|already exists|alreadyknown/i, "taken"],
  [/nonce too low|nonce is too low|old ?nonce|nonce.*below/i, "nonce-used"],
  [
    /underpriced|fee too low|gas price below|less than block base fee|maxfeepergas is too low|replacement/i,
    "underpriced",
  ],
  [/insufficient funds|enough funds|insufficient balance|upfront cost/i, "poor"],
];

function outcomeOf(result: unknown): SendOutcome {
  if (result instanceof RpcFault) return { kind: "unreachable", detail: result.message };
  if (!(result instanceof RpcRefusal)) return { kind: "taken" };
  const kind = REASONS.find(([pattern]) => pattern.test(result.message))?.[1];
  return kind === undefined || kind === "refused" || kind === "unreachable"
    ? { kind: "refused", detail: result.message }
    : { kind };
}
