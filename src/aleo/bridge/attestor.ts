import { ALEO_FIELD_ORDER } from "../../core/aleo/index.ts";
import { CheckError, InputError, RefusedError } from "../../core/errors.ts";
import { agentField } from "../agent-id.ts";
import type { AleoLedger } from "../ledger.ts";
import { encodeInputs } from "../program.ts";
import { type Attestation, trustVerifier } from "../programs/trust-verifier.ts";
import type { ChainAnswer } from "./chain-attestation.ts";
import { BridgePrograms } from "./programs.ts";

/** What the attestor looks at. */
export interface AttestorView {
  readonly ledger: AleoLedger;
  /** The attestor's account. */
  readonly address: string;
  /** Asks the chain, as `askChain` does. */
  readonly ask: () => Promise<ChainAnswer>;
  /** The address that the log binds the agent to now; undefined when it binds it to none. */
  readonly boundAddress: () => Promise<string | undefined>;
  /** Blocks for which an attestation counts on Aleo. */
  readonly lifetime: number;
}

/** Whose attestation of which policy. */
export interface Attested {
  /** UUID. */
  readonly agentId: string;
  readonly policyId: bigint;
}

/** A call of the trust verifier. */
export interface AttestorCall {
  readonly program: string;
  readonly name: "write_attestation" | "revoke_attestation";
  /** Leo texts. */
  readonly inputs: readonly string[];
}

/** What is to be done so that Aleo says what the chain says. */
export interface AttestorPlan {
  /**
   * `keep`: it is right already. `wait`: the chain says neither yes nor no. `refuse`: it does not hold, and nothing is there that
   * would have to go.
   */
  readonly act: "write" | "keep" | "revoke" | "wait" | "refuse";
  readonly reason: string;
  /** For `write` and `revoke`. */
  readonly call?: AttestorCall;
  /** What Aleo says of the agent once it is done. */
  readonly attestation?: Attestation;
}

/** An attestation that has less than this part of its lifetime left is written anew. */
const RENEW_AT = 1 / 2;

/**
 * Compares Aleo's word about an agent with the chain's: one that holds is to be written, one that has lived half its time to be
 * renewed, one that does not hold any more to be revoked.
 *
 * An agent's number on Aleo is believed only while the log binds the agent to the account that owns the number there: anybody may
 * register somebody else's.
 *
 * @throws RefusedError when the account is not the attestor, or a pause keeps it from writing.
 */
export async function planAttestation(view: AttestorView, attested: Attested): Promise<AttestorPlan> {
  const programs = new BridgePrograms(view.ledger);
  const agent = agentField(attested.agentId);
  await requireAttestor(programs, view.address);
  const [answer, existing, height, owner, bound] = await Promise.all([
    view.ask(),
    programs.attestation(agent),
    view.ledger.height(),
    programs.ownerOf(agent),
    view.boundAddress(),
  ]);
  const refusal =
    strangerReason(owner, bound) ?? (!answer.holds && answer.kind === "no" ? answer.reason : undefined);
  if (refusal !== undefined) {
    if (existing === undefined) return { act: "refuse", reason: refusal };
    return { act: "revoke", reason: refusal, call: revocation(agent) };
  }
  if (!answer.holds)
    return {
      act: "wait",
      reason: answer.reason,
      ...(existing === undefined ? {} : { attestation: existing }),
    };
  const wanted = recordOf(answer, attested, view, height);
  if (existing !== undefined && isCurrent(existing, wanted, view, height))
    return { act: "keep", reason: "it is attested", attestation: existing };
  await requireRunning(programs);
  return { act: "write", reason: "the chain attests it", call: writing(agent, wanted), attestation: wanted };
}

/** To take an agent's attestation away, whatever the chain says. @throws CheckError when there is none; RefusedError as above. */
export async function planRevocation(
  { ledger, address }: Pick<AttestorView, "ledger" | "address">,
  agentId: string,
): Promise<AttestorPlan> {
  const programs = new BridgePrograms(ledger);
  const agent = agentField(agentId);
  // The admin can, too: it takes trust away, and the attestor may be the one that is not trusted.
  if ((await programs.admin()) !== address) await requireAttestor(programs, address);
  if ((await programs.attestation(agent)) === undefined)
    throw new CheckError(`agent ${agentId} has no attestation on Aleo`);
  return { act: "revoke", reason: "it was asked for", call: revocation(agent) };
}

function writing(agent: bigint, { attestor: _, ...said }: Attestation): AttestorCall {
  const name = "write_attestation";
  return { program: trustVerifier.id, name, inputs: encodeInputs(trustVerifier, name, { agent, ...said }) };
}

function revocation(agent: bigint): AttestorCall {
  const name = "revoke_attestation";
  return { program: trustVerifier.id, name, inputs: encodeInputs(trustVerifier, name, { agent }) };
}

/** Why the agent's number on Aleo is not the agent's. */
function strangerReason(owner: string | undefined, bound: string | undefined): string | undefined {
  if (owner === undefined) return "the registry on Aleo does not know the agent";
  if (bound === undefined) return "the log binds the agent to no Aleo address";
  return owner === bound
    ? undefined
    : `${owner} owns it in the registry, and the log binds the agent to ${bound}`;
}

function recordOf(
  answer: ChainAnswer & { readonly holds: true },
  { policyId }: Attested,
  { lifetime, address }: AttestorView,
  height: number,
): Attestation {
  if (!Number.isSafeInteger(lifetime) || lifetime < 2)
    throw InputError.expected("lifetime", "2 blocks or more", lifetime);
  if (answer.chainId >= 2n ** 64n) throw InputError.expected("chain id", "one below 2^64", answer.chainId);
  return {
    attestor: address,
    chain_id: answer.chainId,
    verifier: BigInt(answer.verifier),
    subject: answer.subject % ALEO_FIELD_ORDER,
    policy: policyId % ALEO_FIELD_ORDER,
    batch_end: answer.batchEnd,
    expires_at: height + lifetime,
  };
}

/** Whether what is there says the same, by the same attestor, for long enough. */
function isCurrent(
  existing: Attestation,
  wanted: Attestation,
  { lifetime }: AttestorView,
  height: number,
): boolean {
  const { expires_at: _, ...said } = wanted;
  const same = Object.entries(said).every(([name, value]) => existing[name as keyof typeof said] === value);
  return same && existing.expires_at - height > lifetime * RENEW_AT;
}

async function requireAttestor(programs: BridgePrograms, address: string): Promise<void> {
  const attestor = await programs.attestor();
  if (attestor === address) return;
  throw new RefusedError(
    `${address} is not the attestor of ${BridgePrograms.verifier}, which is ${attestor ?? "nobody"}`,
    {
      next: "its admin names it: npx hardhat aleo execute --program verifier set_attestor new_attestor=ADDRESS",
    },
  );
}

async function requireRunning(programs: BridgePrograms): Promise<void> {
  const paused = await programs.pauseOf();
  if (paused === undefined) return;
  throw new RefusedError(`${BridgePrograms.verifier}: ${paused}, so nothing can be attested`, {
    next: "its admin lets it go on: npx hardhat aleo unpause, or unpause_attestor by aleo execute",
  });
}
