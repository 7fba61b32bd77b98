import { formatEther, formatUnits } from "ethers";
import { bumpedFees, estimateFees, type Fees, firstFees } from "../../chain/relay/fees.ts";
import { readBalance } from "../../chain/relay/reads.ts";
import { RpcRefusal } from "../../chain/relay/rpc.ts";
import { broadcast, signCall } from "../../chain/relay/transactions.ts";
import { explainCallError, revertName } from "../../chain/revert.ts";
import { toHex } from "../../core/bytes.ts";
import type { AnchorContext, WaitCause, Waiting } from "./context.ts";
import { countReverted } from "./inclusion.ts";
import type { Attempt } from "./store.ts";
import type { Candidate } from "./stream.ts";

/** Transactions of one batch that may fail on the chain before a person has to look. */
const MOST_REVERTS = 3;

/** What sending came to: why it waits, if it does. */
export type Sent = Waiting | undefined;

const wait = (cause: WaitCause, detail: string): Waiting => ({ cause, detail });

/**
 * Does what makes a batch land under an account nonce: signs its first transaction, sends it again when nodes have lost it,
 * and replaces it by one that pays more when it has waited too long.
 *
 * @param attempts What was signed for this nonce, oldest first; only one of all these can land.
 * @param at The block as of which nonce and candidate were read.
 */
export async function push(
  context: AnchorContext,
  candidate: Candidate,
  nonce: number,
  attempts: readonly Attempt[],
  at: number,
): Promise<Sent> {
  const { now, limits, underpriced, pool } = context;
  const last = attempts.at(-1);
  if (last === undefined || !isOf(last, candidate))
    return await sign(context, candidate, nonce, attempts, at);
  if (now() - Number(last.signedAt) >= limits.resubmitAfter || underpriced.has(last.hash))
    return await sign(context, candidate, nonce, attempts, at);
  const known = await pool.first("eth_getTransactionByHash", [last.hash], (value) => value);
  return known === null ? await send(context, last) : undefined;
}

/** Whether a transaction carries the candidate. */
export const isOf = (attempt: Attempt, { batch }: Candidate): boolean =>
  attempt.tenant === batch.tenant && attempt.store === batch.store && attempt.batchIndex === batch.batchIndex;

async function sign(
  context: AnchorContext,
  candidate: Candidate,
  nonce: number,
  attempts: readonly Attempt[],
  at: number,
): Promise<Sent> {
  const { calls, key, limits, store, events } = context;
  const { batch, previousStateRoot } = candidate;
  const last = attempts.at(-1);
  const repeats = last !== undefined && isOf(last, candidate);
  if (!repeats && batch.hashes.length > 0 && (await countReverted(context, batch)) >= MOST_REVERTS) {
    return wait(
      "reverted",
      `batch ${batch.batchIndex}: ${MOST_REVERTS} of its transactions failed on the chain; nothing more is spent on it`,
    );
  }
  const data = calls.encodeAnchor(toHex(batch.streamId), batch, previousStateRoot);
  const refused = await refusal(context, data, at);
  if (refused !== undefined) return refused;
  const fees = await chooseFees(context, last);
  if ("cause" in fees) {
    // What was signed within the cap may still land; a cap that was lowered since holds for it too.
    if (repeats && BigInt(last.maxFeePerGas) <= limits.maxFeePerGas) await send(context, last);
    return fees;
  }
  const attempt = await signTransaction(context, candidate, nonce, data, fees);
  // On the disk before it leaves: whatever happens now, this transaction is known for ours.
  if (!(await store.keep(attempt, attempts.length))) {
    return wait("behind-another", `another process of ${key.address} has just sent a transaction`);
  }
  if (last !== undefined) context.underpriced.delete(last.hash);
  events.signed(batch, attempt, last !== undefined);
  return await send(context, attempt);
}

/** Whether the contract would refuse it now: then nothing is spent on trying. */
async function refusal({ calls, key, limits }: AnchorContext, data: string, at: number): Promise<Sent> {
  try {
    await calls.simulate(data, key.address, limits.gasLimit, at);
    return undefined;
  } catch (error) {
    if (!(error instanceof RpcRefusal)) throw error;
    const cause = revertName(error) === undefined ? "node-refused" : "refused";
    return wait(cause, explainCallError(error, "anchoring").message);
  }
}

async function chooseFees(context: AnchorContext, last: Attempt | undefined): Promise<Fees | Waiting> {
  const { pool, limits, key } = context;
  const estimate = await estimateFees(pool);
  const fees = last === undefined ? firstFees(estimate, limits) : bumpedFees(last, estimate, limits);
  if (fees === undefined) {
    const [asked, cap] = [estimate.baseFee + estimate.tip, limits.maxFeePerGas].map((wei) =>
      formatUnits(wei, "gwei"),
    );
    return wait(
      "fee-cap",
      `a transaction would have to offer more than the cap of ${cap} gwei; the next block asks for ${asked}`,
    );
  }
  const balance = await readBalance(pool, key.address);
  const cost = limits.gasLimit * fees.maxFeePerGas;
  if (balance !== undefined && balance < cost)
    return wait(
      "low-balance",
      `the anchorer has ${formatEther(balance)} ether and may need ${formatEther(cost)}`,
    );
  return fees;
}

async function signTransaction(
  { chainId, key, limits, calls, now }: AnchorContext,
  { batch }: Candidate,
  nonce: number,
  data: string,
  fees: Fees,
): Promise<Attempt> {
  const { tenant, store, batchIndex } = batch;
  const signed = await signCall(
    { chainId, nonce, to: calls.address, data, gasLimit: limits.gasLimit, fees },
    { name: "anchorer", address: key.address, signTransaction: (unsigned) => key.signTransaction(unsigned) },
  );
  return { tenant, store, batchIndex, nonce: BigInt(nonce), ...signed, signedAt: BigInt(now()) };
}

async function send(context: AnchorContext, attempt: Attempt): Promise<Sent> {
  const outcome = await broadcast(context, attempt.raw);
  switch (outcome.kind) {
    case "taken":
    // Its nonce is used up, by this transaction or another: the next look at the chain tells which.
    case "nonce-used":
      return undefined;
    case "underpriced":
      context.underpriced.add(attempt.hash);
      return wait("node-refused", "a node takes only a transaction that pays more");
    case "poor":
      return wait("low-balance", "the anchorer cannot pay for the transaction");
    case "refused":
      return wait("node-refused", outcome.detail);
    case "unreachable":
      return wait("rpc", outcome.detail);
  }
}
