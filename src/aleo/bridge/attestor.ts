import { ALEO_FIELD_ORDER } from "../../core/aleo/index.ts";
import { CheckError, InputError, RefusedError } from "../../core/errors.ts";
import type { ChainAnswer } from "./chain-attestation.ts";
import { type AttestationRecord, agentField, type BridgeLedger, BridgePrograms } from "./programs.ts";

/** Who executes a program's function and waits until it is in a block. An `AleoClient` is one. */
export interface AleoExecutor {
  /** The account's address. */
  readonly address: string;
  /** @param inputs Leo texts. @throws when it was rejected. */
  execute(program: string, name: string, inputs: readonly string[]): Promise<{ readonly id: string }>;
}

/** What the attestor works with. */
export interface AttestorWork {
  readonly ledger: BridgeLedger;
  readonly executor: AleoExecutor;
  /** Asks the chain, as `askChain` does. */
  readonly ask: () => Promise<ChainAnswer>;
  /** The address that the log binds the agent to now; undefined when it binds it to none. */
  readonly boundAddress: () => Promise<string | undefined>;
  /** Blocks for which an attestation counts on Aleo. */
  readonly lifetime: number;
}

/** Whose attestation. */
export interface Attested {
  /** UUID. */
  readonly agentId: string;
  readonly policyId: bigint;
}

/** What was done. */
export interface AttestOutcome {
  /** `waiting` and `refused`: nothing is there, and nothing was written. */
  readonly done: "written" | "kept" | "revoked" | "waiting" | "refused";
  /** Why it is not attested, or why nothing was to be written. */
  readonly reason: string;
  readonly transactionId?: string;
  /** What Aleo says now. */
  readonly attestation?: AttestationRecord;
}

/** Below this share of its lifetime an attestation is written anew. */
const RENEW_BELOW = 2;

/**
 * Brings Aleo's word about an agent in line with the chain's: writes an attestation that holds, renews one that has lived half its
 * time, revokes one that does not hold any more. Run again, it changes nothing that is right.
 *
 * The agent's place on Aleo is believed only when the log binds the agent to the account that owns it there: anybody may register
 * somebody else's number.
 *
 * @throws RefusedError when the executor is not the attestor, or a pause forbids it.
 */
export async function attestOnAleo(work: AttestorWork, attested: Attested): Promise<AttestOutcome> {
  const programs = new BridgePrograms(work.ledger);
  const agent = agentField(attested.agentId);
  await requireAttestor(programs, work.executor);
  const [answer, existing, height, owner, bound] = await Promise.all([
    work.ask(),
    programs.attestation(agent),
    work.ledger.height(),
    programs.ownerOf(agent),
    work.boundAddress(),
  ]);
  const foreign = strangerReason(owner, bound);
  if (foreign !== undefined || (!answer.holds && answer.kind === "no")) {
    const reason = foreign ?? (answer.holds ? "" : answer.reason);
    return existing === undefined
      ? { done: "refused", reason }
      : await revoke(work, attested.agentId, reason);
  }
  if (!answer.holds)
    return { done: "waiting", reason: answer.reason, ...(existing && { attestation: existing }) };
  const wanted = recordOf(answer, attested, work, height);
  if (existing !== undefined && isCurrent(existing, wanted, work, height))
    return { done: "kept", reason: "it is attested", attestation: existing };
  await requireRunning(programs);
  const { id } = await work.executor.execute(programs.verifier, "write_attestation", [
    `${agent}field`,
    `${wanted.chainId}u64`,
    `${wanted.verifier}field`,
    `${wanted.subject}field`,
    `${wanted.policy}field`,
    `${wanted.batchEnd}u64`,
    `${wanted.expiresAt}u32`,
  ]);
  return { done: "written", reason: "the chain attests it", transactionId: id, attestation: wanted };
}

/** Takes an agent's attestation away, whatever the chain says. @throws CheckError when there is none; RefusedError as above. */
export async function revokeOnAleo(
  work: Pick<AttestorWork, "ledger" | "executor">,
  agentId: string,
): Promise<AttestOutcome> {
  const programs = new BridgePrograms(work.ledger);
  await requireAttestor(programs, work.executor, "or admin");
  if ((await programs.attestation(agentField(agentId))) === undefined)
    throw new CheckError(`agent ${agentId} has no attestation on Aleo`);
  return await revoke(work, agentId, "it was asked for");
}

async function revoke(
  { ledger, executor }: Pick<AttestorWork, "ledger" | "executor">,
  agentId: string,
  reason: string,
): Promise<AttestOutcome> {
  const { verifier } = new BridgePrograms(ledger);
  const { id } = await executor.execute(verifier, "revoke_attestation", [`${agentField(agentId)}field`]);
  return { done: "revoked", reason, transactionId: id };
}

/** Why the agent's number on Aleo is not the agent's. */
function strangerReason(owner: string | undefined, bound: string | undefined): string | undefined {
  if (owner === undefined) return "the registry does not know the agent";
  if (bound === undefined) return "the log binds the agent to no Aleo address";
  return owner === bound
    ? undefined
    : `${owner} owns it in the registry, and the log binds the agent to ${bound}`;
}

function recordOf(
  answer: ChainAnswer & { readonly holds: true },
  { policyId }: Attested,
  { lifetime, executor }: AttestorWork,
  height: number,
): AttestationRecord {
  if (!Number.isSafeInteger(lifetime) || lifetime < 2)
    throw InputError.expected("lifetime", "2 blocks or more", lifetime);
  if (answer.chainId >= 2n ** 64n) throw InputError.expected("chain id", "one below 2^64", answer.chainId);
  return {
    attestor: executor.address,
    chainId: answer.chainId,
    verifier: BigInt(answer.verifier),
    subject: answer.subject % ALEO_FIELD_ORDER,
    policy: policyId % ALEO_FIELD_ORDER,
    batchEnd: answer.batchEnd,
    expiresAt: height + lifetime,
  };
}

/** Whether what is there says the same, by the same attestor, for long enough. */
function isCurrent(
  existing: AttestationRecord,
  wanted: AttestationRecord,
  { lifetime }: AttestorWork,
  height: number,
): boolean {
  const { expiresAt: _, ...said } = wanted;
  const same = Object.entries(said).every(([name, value]) => existing[name as keyof typeof said] === value);
  return same && existing.expiresAt - height > lifetime / RENEW_BELOW;
}

async function requireAttestor(
  programs: BridgePrograms,
  { address }: AleoExecutor,
  or?: "or admin",
): Promise<void> {
  const [attestor, admin] = await Promise.all([programs.attestor(), programs.admin()]);
  if (attestor === address || (or !== undefined && admin === address)) return;
  throw new RefusedError(
    `${address} is not the attestor of ${programs.verifier}, which is ${attestor ?? "nobody"}`,
    { next: "name it by the program's admin: npx hardhat aleo execute set_attestor new_attestor=ADDRESS" },
  );
}

async function requireRunning(programs: BridgePrograms): Promise<void> {
  const paused = await programs.pauseOf();
  if (paused !== undefined)
    throw new RefusedError(`${programs.verifier}: ${paused}, so nothing can be attested`, {
      next: "its admin resumes it: npx hardhat aleo unpause, or unpause_attestor by aleo execute",
    });
}
