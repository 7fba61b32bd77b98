import { getAddress } from "ethers";
import { z } from "zod";
import { subjectOf } from "../../core/facts/index.ts";
import { readJson } from "../../core/json.ts";
import { type ProofFile, proofFile } from "../proof-file.ts";
import type { RelayContext } from "./context.ts";
import { blockTag, parseBlock, parseReceipt, type RawLog, type Receipt } from "./reads.ts";
import type { Attempt, Inclusion, SubmissionRecord } from "./record.ts";
import { RpcFault } from "./rpc.ts";

/** A record's statement with integers as bigints, and its submitter as ethers writes addresses. */
export function statementOf({ statement }: SubmissionRecord): ProofFile {
  const file = readJson(proofFile, statement);
  return { ...file, claim: { ...file.claim, submitter: getAddress(file.claim.submitter.toLowerCase()) } };
}

/**
 * Where one of the transactions ever signed for a submission landed, as a quorum of endpoints says and as the block itself
 * and the verifier's event in it bear out; undefined when a quorum knows of none.
 *
 * @throws RpcFault while endpoints disagree, or an answer contradicts itself.
 */
export async function findInclusion(
  context: RelayContext,
  record: SubmissionRecord,
): Promise<Inclusion | undefined> {
  for (const attempt of [...(record.account?.attempts ?? [])].reverse()) {
    const receipt = await context.pool.agree(
      "eth_getTransactionReceipt",
      [attempt.hash],
      parseReceipt(attempt.hash),
    );
    if (receipt !== null) return confirmed(context, record, attempt, receipt);
  }
  return undefined;
}

async function confirmed(
  context: RelayContext,
  record: SubmissionRecord,
  attempt: Attempt,
  receipt: Receipt,
): Promise<Inclusion> {
  const { hash, blockHash, blockNumber, succeeded, cost, gasUsed } = receipt;
  const block = await context.pool.agree("eth_getBlockByNumber", [blockTag(blockNumber), false], parseBlock);
  if (block?.hash !== blockHash || !block.transactions.includes(hash)) {
    throw lie(context, "a receipt names a block that does not hold its transaction");
  }
  const landed = { hash, blockNumber, blockHash, succeeded, cost: String(cost), gasUsed: String(gasUsed) };
  if (!succeeded) return landed;
  const verified = ownEvent(context, record, attempt, receipt.logs);
  if (verified === undefined) throw lie(context, "a receipt lacks the verifier's event");
  return { ...landed, verified };
}

const filteredLog = z.object({
  transactionHash: z.string(),
  blockHash: z.string(),
  address: z.string(),
  topics: z.array(z.string()),
  data: z.string(),
});

/**
 * Asks once more, by other calls than the receipt's, whether a landed attestation is really there: the block's logs, and
 * the attestation itself.
 *
 * @throws RpcFault when it is not.
 */
export async function requireAttested(
  context: RelayContext,
  record: SubmissionRecord,
  inclusion: Inclusion,
): Promise<void> {
  const { calls, pool } = context;
  const filter = { blockHash: inclusion.blockHash, address: calls.verifier, topics: [calls.verifiedTopic] };
  const logs = await pool.agree("eth_getLogs", [filter], (value): RawLog[] => {
    const parsed = z.array(filteredLog).safeParse(value);
    if (!parsed.success) throw new RpcFault("malformed", "a node answered with logs that are none");
    return parsed.data
      .filter((log) => log.transactionHash === inclusion.hash)
      .map(
        ({ address, topics, data }) =>
          ({ address: address.toLowerCase() as `0x${string}`, topics, data }) as RawLog,
      );
  });
  const attempt = record.account?.attempts.find(({ hash }) => hash === inclusion.hash);
  if (attempt === undefined || ownEvent(context, record, attempt, logs) !== inclusion.verified) {
    throw lie(context, "the block's logs lack the event that the receipt has");
  }
  if (inclusion.verified !== true) return;
  const { claim } = statementOf(record);
  const found = await calls.attestation(claim);
  // After a cut the stream counts its batches anew, in a later epoch: then any attestation is as new.
  if (found.batchIndex < claim.batchIndex && found.epoch === 0n) {
    throw lie(context, "a receipt reports an attestation that the verifier does not have");
  }
}

/** What the verifier recorded of this submission, if the logs have it. */
function ownEvent(
  { calls }: RelayContext,
  record: SubmissionRecord,
  attempt: Attempt,
  logs: readonly RawLog[],
): boolean | undefined {
  const { claim } = statementOf(record);
  const subject = subjectOf(claim.streamId, claim.agentId);
  for (const log of logs) {
    const event = calls.readVerified(log);
    if (
      event?.subject === subject &&
      event.policyId === claim.policyId &&
      event.signer.toLowerCase() === attempt.signer.toLowerCase()
    )
      return event.verified;
  }
  return undefined;
}

function lie(context: RelayContext, what: string): RpcFault {
  context.events.contradicted();
  return new RpcFault("disagreement", what);
}
