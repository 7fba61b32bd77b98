import { type RelayContext, type Step, wait } from "./context.ts";
import { findInclusion, requireAttested } from "./inclusion.ts";
import { blockTag, readAccountNonce } from "./reads.ts";
import type { Inclusion, SubmissionRecord } from "./record.ts";
import { judgeRefusal } from "./refusals.ts";
import { RpcRefusal } from "./rpc.ts";
import { calldataOf } from "./transactions.ts";

/** Times a submission is tried again after its transaction reverted for a reason that passes. */
const MOST_REVERTS = 3;

/** How a submission's transactions stand on the chain. */
export type Settled =
  /** None has landed; more may be done to make one land. */
  { readonly kind: "open"; readonly record: SubmissionRecord } | Step;

/**
 * Looks for a submission's transactions on the chain and follows what became of them: landed, cut off by a
 * reorganisation, landed for good, or made impossible.
 *
 * @param head The block that a quorum of endpoints has reached.
 */
export async function settle(
  context: RelayContext,
  record: SubmissionRecord,
  head: number,
): Promise<Settled> {
  const inclusion = await findInclusion(context, record);
  if (inclusion === undefined) return notLanded(context, record, head);
  const mined = sameInclusion(record.inclusion, inclusion)
    ? record
    : context.outbox.put({ ...record, state: "mined", inclusion });
  const depth = head - inclusion.blockNumber + 1;
  if (depth < context.limits.confirmations) return { kind: "moved", record: mined };
  if (!inclusion.succeeded) return reverted(context, mined, inclusion);
  await requireAttested(context, mined, inclusion);
  const verified = inclusion.verified === true;
  return end(context, mined, inclusion, {
    state: verified ? "final" : "failed",
    ...(verified
      ? {}
      : { failure: { cause: "proof-refused", detail: "the chain recorded the proof as failed" } }),
  });
}

async function notLanded(context: RelayContext, record: SubmissionRecord, head: number): Promise<Settled> {
  const { outbox, events, limits, keys, pool } = context;
  let open = record;
  if (record.state === "mined") {
    const { inclusion: _, ...rest } = record;
    open = outbox.put({ ...rest, state: "sent" });
    events.reorganised(open);
  }
  const deep = head - limits.confirmations + 1;
  const nonce = open.account?.nonce ?? 0;
  if (deep < 0 || (await readAccountNonce(pool, keys.sender, deep)) <= nonce)
    return { kind: "open", record: open };
  // The nonce is used up. Looked at again now that this is known: the receipt may have come meanwhile.
  if ((await findInclusion(context, open)) !== undefined) return { kind: "moved", record: open };
  events.nonceTaken(open);
  return { kind: "moved", record: outbox.put(startOver(open)) };
}

async function reverted(
  context: RelayContext,
  record: SubmissionRecord,
  inclusion: Inclusion,
): Promise<Settled> {
  const reason = await whyReverted(context, record, inclusion);
  const spent = [...record.spent, { at: context.now(), wei: inclusion.cost }];
  if (reason.kind === "wait" && spent.length < MOST_REVERTS) {
    context.outbox.put({ ...startOver(record), spent });
    return wait(reason.cause, reason.detail);
  }
  return end(context, record, inclusion, {
    state: "failed",
    failure: { cause: reason.cause, detail: reason.detail },
  });
}

/** Runs a reverted transaction again on the state that its block left. */
async function whyReverted(
  { calls, keys, limits }: RelayContext,
  record: SubmissionRecord,
  inclusion: Inclusion,
) {
  const data = calldataOf(record, inclusion.hash);
  try {
    await calls.simulateAttest(data, keys.sender, limits.gasLimit, blockTag(inclusion.blockNumber));
    return {
      kind: "refuse" as const,
      cause: "reverted",
      detail: "the transaction failed; run again it does not",
    };
  } catch (error) {
    if (error instanceof RpcRefusal) return judgeRefusal(error);
    throw error;
  }
}

function end(
  context: RelayContext,
  record: SubmissionRecord,
  inclusion: Inclusion,
  how: Pick<SubmissionRecord, "state" | "failure">,
): Settled {
  const attempts = (record.account?.attempts ?? []).map((attempt) =>
    attempt.hash === inclusion.hash ? attempt : { ...attempt, raw: "" },
  );
  const account = { nonce: record.account?.nonce ?? 0, attempts };
  const spent = [...record.spent, { at: context.now(), wei: inclusion.cost }];
  const ended = context.outbox.put({ ...record, ...how, account, spent });
  context.events.ended(ended);
  return { kind: "moved", record: ended };
}

/** The submission without the transactions that cannot land any more; their hashes stay known. */
function startOver(record: SubmissionRecord): SubmissionRecord {
  const { account, vouched: _vouched, inclusion: _inclusion, ...rest } = record;
  const past = [...record.past, ...(account?.attempts ?? []).map(({ hash }) => hash)];
  return { ...rest, past, state: "accepted" };
}

const sameInclusion = (a: Inclusion | undefined, b: Inclusion): boolean =>
  a?.hash === b.hash && a.blockHash === b.blockHash;
