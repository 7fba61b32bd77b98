import { getAddress, type Log, type Provider, type TransactionResponse } from "ethers";
import { abiOf } from "../../chain/artifacts.ts";
import { contractOf, type Deployment } from "../../chain/deployment.ts";
import { logsOf } from "../../chain/logs.ts";
import { subjectOf } from "../../core/facts/index.ts";

/** A `ProofVerified` event, with what its transaction tells beside it. */
export interface Verdict {
  readonly signer: string;
  readonly subject: bigint;
  readonly policyId: bigint;
  readonly verified: boolean;
  readonly batchEnd: bigint;
  readonly circuitVersion: number;
  readonly blockNumber: number;
  /** Unix time (s) of the block. */
  readonly at: bigint;
  readonly transactionHash: string;
  /** Who sent the transaction. */
  readonly sender: string;
  /** Whom the subject names; undefined when another contract made the call, so that its arguments are not in sight. */
  readonly agent: AgentName | undefined;
}

/** An agent as the contract's views take it. */
export interface AgentName {
  /** 32 bytes, 0x hex. */
  readonly streamId: string;
  /** 16 bytes, 0x hex. */
  readonly agentId: string;
}

/** Narrows a history to one signer. */
export interface VerdictFilter {
  readonly signer?: string;
}

/** Every verdict of the verifier so far, oldest first, read from the chain's logs and transactions. */
export async function verdicts(
  provider: Provider,
  deployment: Deployment,
  { signer }: VerdictFilter = {},
): Promise<Verdict[]> {
  const abi = abiOf("ProofXVerifier");
  const { address, blockNumber } = contractOf(deployment, "verifier");
  const topics = abi.encodeFilterTopics("ProofVerified", signer === undefined ? [] : [signer]);
  const transactions = remembered((hash: string) => provider.getTransaction(hash));
  const blocks = remembered((number: number) => provider.getBlock(number));
  const verdictOf = async (log: Log): Promise<Verdict[]> => {
    const event = abi.parseLog(log);
    if (event === null) return [];
    const [transaction, block] = await Promise.all([
      transactions(log.transactionHash),
      blocks(log.blockNumber),
    ]);
    const subject = event.args.subject as bigint;
    const verdict = {
      signer: getAddress(event.args.signer as string),
      subject,
      policyId: event.args.policyId as bigint,
      verified: event.args.verified as boolean,
      batchEnd: event.args.batchEnd as bigint,
      circuitVersion: Number(event.args.circuitVersion),
      blockNumber: log.blockNumber,
      at: BigInt(block?.timestamp ?? 0),
      transactionHash: log.transactionHash,
      sender: transaction?.from ?? "unknown",
      agent: agentOf(transaction, subject),
    };
    return [verdict];
  };
  const logs: Log[] = [];
  for await (const log of logsOf(provider, address, topics, blockNumber, await provider.getBlockNumber())) {
    logs.push(log);
  }
  const found: Verdict[] = [];
  for (let from = 0; from < logs.length; from += AT_ONCE) {
    found.push(...(await Promise.all(logs.slice(from, from + AT_ONCE).map(verdictOf))).flat());
  }
  return found;
}

/** Transactions asked for at a time: one after another, a long history would take hours of an incident. */
const AT_ONCE = 32;

/** Finds which submission of a transaction is about a subject. */
function agentOf(transaction: TransactionResponse | null, subject: bigint): AgentName | undefined {
  try {
    const call = transaction === null ? null : abiOf("ProofXVerifier").parseTransaction(transaction);
    if (call?.name !== "attest" && call?.name !== "attestBatch") return undefined;
    const submissions = (call.name === "attest" ? [call.args[0]] : [...call.args[0]]) as AgentName[];
    const found = submissions.find(({ streamId, agentId }) => subjectOf(streamId, agentId) === subject);
    return found === undefined ? undefined : { streamId: found.streamId, agentId: found.agentId };
  } catch {
    // A thief's own contract takes any bytes, also those that only begin like a submission.
    return undefined;
  }
}

function remembered<K, V>(ask: (key: K) => Promise<V>): (key: K) => Promise<V> {
  const answers = new Map<K, Promise<V>>();
  return (key) => {
    const answer = answers.get(key) ?? ask(key);
    answers.set(key, answer);
    return answer;
  };
}
