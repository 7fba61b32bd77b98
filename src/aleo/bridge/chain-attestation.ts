import type { Provider } from "ethers";
import type { ProofXVerifier } from "../../../build/types/contracts/compliance/ProofXVerifier.ts";
import { InputError } from "../../core/errors.ts";

/** Which attestation on which chain. */
export interface ChainQuestion {
  /** 32 bytes in hex. */
  readonly streamId: string;
  /** The agent's UUID, 16 bytes in hex. */
  readonly agentId: string;
  readonly policyId: bigint;
  /** Seconds: how old the batch may be that the attestation stands on. */
  readonly maxAge: bigint;
  /** Blocks, its own included, that an attestation must be deep. */
  readonly confirmations: number;
}

/** The verifier's client and the node behind it. */
export interface AttestingChain {
  readonly provider: Provider;
  readonly verifier: ProofXVerifier;
}

/** What the chain says of it. */
export type ChainAnswer =
  | {
      readonly holds: true;
      /** Address, 20 bytes in hex. */
      readonly verifier: string;
      readonly chainId: bigint;
      /** Below the order of BN254's scalars. */
      readonly subject: bigint;
      /** Last sequence number of the batch that the attestation stands on. */
      readonly batchEnd: bigint;
    }
  /** `wait`: it is not known yet, or the verifier is paused; `no`: the chain denies it. */
  | { readonly holds: false; readonly kind: "wait" | "no"; readonly reason: string };

/**
 * Asks the verifier's own views about an attestation, in the newest block and in one that is `confirmations` deep.
 *
 * The newest block decides what is against it: a distrust, a cut, a retired policy or an age counts at once. For it counts only
 * what is deep enough, so that no reorganisation leaves Aleo with what never was.
 *
 * @throws what the node throws when it does not answer.
 */
export async function askChain(
  { provider, verifier }: AttestingChain,
  question: ChainQuestion,
): Promise<ChainAnswer> {
  const { streamId, agentId, policyId, maxAge, confirmations } = question;
  if (!Number.isSafeInteger(confirmations) || confirmations < 1)
    throw InputError.expected("confirmations", "1 or more", confirmations);
  const head = await provider.getBlockNumber();
  const now = { blockTag: head };
  const [paused, newest, compliant] = await Promise.all([
    verifier.paused(now),
    verifier.attestation(streamId, agentId, policyId, now),
    verifier.isCompliant(streamId, agentId, policyId, maxAge, now),
  ]);
  if (newest.record.batchIndex === 0n) return no("the verifier has no attestation of it");
  if (!newest.standing) return no("it does not stand: cut, retired or distrusted since");
  if (!compliant) return no(`its batch was anchored more than ${maxAge} s ago`);
  if (paused) return wait("the verifier is paused");
  const depth = head - confirmations + 1;
  const address = await verifier.getAddress();
  if (depth < 0 || (await provider.getCode(address, depth)) === "0x")
    return wait(`the verifier itself is not ${confirmations} blocks deep yet`);
  const { record, standing } = await verifier.attestation(streamId, agentId, policyId, { blockTag: depth });
  if (record.batchIndex === 0n || !standing)
    return wait(`it is not ${confirmations} blocks deep yet (block ${head} is the newest)`);
  const [{ chainId }, subject] = await Promise.all([
    provider.getNetwork(),
    verifier.subjectOf(streamId, agentId),
  ]);
  return { holds: true, verifier: address, chainId, subject, batchEnd: record.end };
}

const no = (reason: string): ChainAnswer => ({ holds: false, kind: "no", reason });
const wait = (reason: string): ChainAnswer => ({ holds: false, kind: "wait", reason });
