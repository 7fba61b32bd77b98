import { submissionOf } from "../proof-file.ts";
import { type RelayContext, type Step, wait } from "./context.ts";
import { statementOf } from "./inclusion.ts";
import type { SubmissionRecord } from "./record.ts";
import { judgeRefusal } from "./refusals.ts";
import { RpcRefusal } from "./rpc.ts";
import { laneKey } from "./verifier-calls.ts";

/** A submission with its signer's signature, and the calldata that carries both. */
export type Vouched =
  | { readonly kind: "vouched"; readonly record: SubmissionRecord; readonly data: string }
  | Step;

/**
 * Lets the signer vouch for a submission and runs the result on the nodes, without sending it.
 *
 * The signature uses the next keyed nonce of a lane, one for each transaction that may be under way: lanes cost less gas
 * than a key of its own for each submission, and one that fails does not hold up the others.
 */
export async function vouch(context: RelayContext, record: SubmissionRecord): Promise<Vouched> {
  const { calls, keys, limits, outbox } = context;
  const statement = statementOf(record);
  let signed = record;
  if (record.vouched?.signer !== keys.signer) {
    const lane = record.vouched?.lane ?? freeLane(outbox.unfinished());
    const nonce = await calls.keyedNonce(keys.signer, laneKey(keys.sender, lane));
    const signature = await keys.vouch(submissionOf(statement, nonce));
    const vouched = { signer: keys.signer, lane, nonce: String(nonce), signature };
    // A client may have cancelled it while the chain and the key were asked.
    if (outbox.get(record.id)?.state === "cancelled") return { kind: "moved", record };
    const state = record.account === undefined ? "signed" : record.state;
    signed = outbox.put({ ...record, state, vouched });
  }
  const { nonce, signature } = signed.vouched as NonNullable<SubmissionRecord["vouched"]>;
  const data = calls.encodeAttest(submissionOf(statement, BigInt(nonce)), statement.proof, signature);
  try {
    if (await calls.simulateAttest(data, keys.sender, limits.gasLimit))
      return { kind: "vouched", record: signed, data };
  } catch (error) {
    if (!(error instanceof RpcRefusal)) throw error;
    const judgement = judgeRefusal(error);
    if (judgement.kind === "wait") {
      if (signed.account === undefined) outbox.put(unvouched(signed));
      return wait(judgement.cause, judgement.detail);
    }
    return fail(context, signed, judgement.cause, judgement.detail);
  }
  return fail(context, signed, "proof-refused", "the circuit verifier says that the proof does not hold");
}

/** Ends a submission for which nothing was ever sent; with a transaction under way, the chain decides. */
export function fail(context: RelayContext, record: SubmissionRecord, cause: string, detail: string): Step {
  if (record.account !== undefined) return wait("refused", detail);
  if (context.outbox.get(record.id)?.state === "cancelled") return { kind: "moved", record };
  const failed = context.outbox.put({ ...record, state: "failed", failure: { cause, detail } });
  context.events.ended(failed);
  return { kind: "moved", record: failed };
}

/** Back to the queue: the lane is free again, since nothing signed for it was sent. */
function unvouched({ vouched: _, ...record }: SubmissionRecord): SubmissionRecord {
  return { ...record, state: "accepted" };
}

function freeLane(unfinished: readonly SubmissionRecord[]): number {
  const taken = new Set(unfinished.map(({ vouched }) => vouched?.lane));
  let lane = 0;
  while (taken.has(lane)) lane++;
  return lane;
}
