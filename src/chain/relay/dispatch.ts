import { formatEther, formatUnits } from "ethers";
import { type RelayContext, type Step, wait } from "./context.ts";
import { examine } from "./examine.ts";
import { bumpedFees, estimateFees, type FeeEstimate, type Fees, firstFees } from "./fees.ts";
import { readBalance } from "./reads.ts";
import { type Attempt, type SubmissionRecord, worstCase } from "./record.ts";
import { exposure, spendingOf } from "./spending.ts";
import { broadcast, calldataOf, signAttempt } from "./transactions.ts";
import { fail, vouch } from "./vouch.ts";

/** Brings a queued submission to its first transaction, as far as the chain, the fees and the limits let it. */
export async function begin(context: RelayContext, record: SubmissionRecord, nonce: number): Promise<Step> {
  const judgement = await examine(context, record);
  if (judgement?.kind === "refuse") return fail(context, record, judgement.cause, judgement.detail);
  if (judgement?.kind === "wait") return wait(judgement.cause, judgement.detail);

  const estimate = await estimateFees(context.pool);
  const fees = firstFees(estimate, context.limits);
  if (fees === undefined) return tooDear(context, estimate);
  const obstacle = await unaffordable(context, record, fees);
  if (obstacle !== undefined) return obstacle;

  const vouched = await vouch(context, record);
  if (vouched.kind !== "vouched") return vouched;
  const attempt = await signAttempt(context, nonce, vouched.data, context.keys.signer, fees);
  const prepared = context.outbox.put({
    ...vouched.record,
    state: "prepared",
    account: { nonce, attempts: [attempt] },
  });
  context.proven.delete(record.id);
  return send(context, prepared, attempt);
}

/**
 * Does what makes a transaction under way land: sends it again when nodes have lost it, replaces it by one that pays more
 * when it has waited too long, and by one with the present signer's signature when it carries another's.
 *
 * Every replacement has the same account nonce, so at most one of them lands.
 */
export async function push(context: RelayContext, record: SubmissionRecord): Promise<Step> {
  const { limits, now, keys, pool } = context;
  const last = record.account?.attempts.at(-1);
  if (last === undefined) throw new Error("a submission under way has no transaction");
  if (last.signer !== keys.signer) return replace(context, record, last);
  if (now() - last.at >= limits.resubmitAfter || context.underpriced.has(last.hash))
    return replace(context, record, last);
  if (record.state === "prepared") return send(context, record, last);
  const known = await pool.first("eth_getTransactionByHash", [last.hash], (value) => value);
  return known === null ? send(context, record, last) : { kind: "moved", record };
}

async function replace(context: RelayContext, record: SubmissionRecord, last: Attempt): Promise<Step> {
  const { limits, outbox, events, keys, underpriced } = context;
  const sameSigner = last.signer === keys.signer;
  const estimate = await estimateFees(context.pool);
  const fees = bumpedFees(last, estimate, limits);
  const obstacle =
    fees === undefined ? tooDear(context, estimate) : await unaffordable(context, record, fees);
  if (fees === undefined || obstacle !== undefined) {
    // What is under way may still land, unless its signer is not trusted any more.
    if (sameSigner) await send(context, record, last);
    return obstacle ?? tooDear(context, estimate);
  }
  // The same call, whatever became of its prospects: it has to land, if only to revert, or its nonce blocks what follows.
  const vouched = sameSigner
    ? { kind: "vouched" as const, record, data: calldataOf(record, last.hash) }
    : await vouch(context, record);
  if (vouched.kind === "wait" && vouched.waiting.cause === "refused") return send(context, record, last);
  if (vouched.kind !== "vouched") return vouched;
  const nonce = record.account?.nonce ?? 0;
  const attempt = await signAttempt(context, nonce, vouched.data, keys.signer, fees);
  const attempts = [...(record.account?.attempts ?? []), attempt];
  const replaced = outbox.put({ ...vouched.record, state: "prepared", account: { nonce, attempts } });
  underpriced.delete(last.hash);
  events.replaced(replaced);
  return send(context, replaced, attempt);
}

async function send(context: RelayContext, record: SubmissionRecord, attempt: Attempt): Promise<Step> {
  const outcome = await broadcast(context, attempt.raw);
  switch (outcome.kind) {
    case "taken":
    case "nonce-used":
      // When the nonce is used up, by this transaction or another, the next look at the chain tells which.
      return {
        kind: "moved",
        record: record.state === "sent" ? record : context.outbox.put({ ...record, state: "sent" }),
      };
    case "underpriced":
      context.underpriced.add(attempt.hash);
      return wait("node-refused", "a node takes only a transaction that pays more");
    case "poor":
      return wait("low-balance", "the sender cannot pay for the transaction");
    case "refused":
      return wait("node-refused", outcome.detail);
    case "unreachable":
      return wait("rpc", outcome.detail);
  }
}

/** What stands against paying for a transaction with these fees, if anything. */
async function unaffordable(
  context: RelayContext,
  record: SubmissionRecord,
  fees: Fees,
): Promise<Step | undefined> {
  const { limits, keys, pool, outbox, now } = context;
  const cost = worstCase({ gasLimit: String(limits.gasLimit), maxFeePerGas: String(fees.maxFeePerGas) });
  const more = cost - exposure(record);
  const { paid, atMost } = spendingOf(outbox.all(), now() - limits.spendingWindow);
  if (paid + atMost + more > limits.spendingLimit) {
    return wait(
      "spending-limit",
      `${formatEther(paid)} ether spent and ${formatEther(atMost)} under way; ${formatEther(more)} more would ` +
        `be above the limit of ${formatEther(limits.spendingLimit)} in ${limits.spendingWindow / 1000} s`,
    );
  }
  const balance = await readBalance(pool, keys.sender);
  if (balance !== undefined && balance < atMost + more) {
    return wait(
      "low-balance",
      `the sender has ${formatEther(balance)} ether and may need ${formatEther(atMost + more)}`,
    );
  }
  return undefined;
}

function tooDear({ limits }: RelayContext, { baseFee, tip }: FeeEstimate): Step & { kind: "wait" } {
  const [asked, cap] = [baseFee + tip, limits.maxFeePerGas].map((wei) => formatUnits(wei, "gwei"));
  return wait(
    "fee-cap",
    `a transaction would have to offer more than the cap of ${cap} gwei; the next block asks for ${asked}`,
  );
}
