import { contextOf, isFieldElement, subjectOf } from "../../core/facts/index.ts";
import type { ProofFile } from "../proof-file.ts";
import { type RelayContext, type Step, wait } from "./context.ts";
import { statementOf } from "./inclusion.ts";
import type { SubmissionRecord } from "./record.ts";
import { type Judgement, judgeRefusal } from "./refusals.ts";
import { RpcRefusal } from "./rpc.ts";
import { CIRCUIT_STATUS } from "./verifier-calls.ts";

const refuse = (cause: string, detail: string): Judgement => ({ kind: "refuse", cause, detail });

/** Why nothing at all can be attested right now, if so. */
export async function commonObstacle({
  calls,
  keys,
}: RelayContext): Promise<(Step & { kind: "wait" }) | undefined> {
  const until = await calls.pausedUntil();
  if (until !== undefined) return wait("paused", `attesting is paused until ${utc(until)}`);
  if (!(await calls.signerMayVouch(keys.signer)))
    return wait(
      "signer-not-authorised",
      `${keys.signer} does not hold SIGNER_ROLE, or is distrusted: name another signer and start again`,
    );
  return undefined;
}

/**
 * Everything that can be known before anybody vouches: the proof holds for the policy, the subject and the root it claims,
 * under the key that is deployed for its circuit version, and the batch counts.
 *
 * @returns undefined when nothing speaks against it.
 */
export async function examine(
  context: RelayContext,
  record: SubmissionRecord,
): Promise<Judgement | undefined> {
  const { calls } = context;
  const statement = statementOf(record);
  const { claim } = statement;
  const [policy, circuit] = await Promise.all([
    calls.policy(claim.policyId),
    calls.circuitVersion(claim.circuitVersion),
  ]);
  if (!policy.active) return refuse("PolicyNotActive", `policy ${claim.policyId} is not active`);
  if (circuit.status === CIRCUIT_STATUS.added)
    return {
      kind: "wait",
      cause: "circuit-version-not-active",
      detail: `circuit version ${claim.circuitVersion} is not active yet`,
    };
  if (circuit.status !== CIRCUIT_STATUS.active || circuit.distrusted)
    return refuse(
      "CircuitVersionNotActive",
      `circuit version ${claim.circuitVersion} takes no proofs: prove again under the active one`,
    );
  const falsehood = await checkProof(context, record, circuit.address, policy.hash);
  if (falsehood !== undefined) return falsehood;
  try {
    await calls.requireUsable(claim);
    return undefined;
  } catch (error) {
    if (error instanceof RpcRefusal) return judgeRefusal(error);
    throw error;
  }
}

async function checkProof(
  context: RelayContext,
  record: SubmissionRecord,
  circuitVerifier: string,
  policyHash: bigint,
): Promise<Judgement | undefined> {
  const { calls, proven, proofHolds } = context;
  const { claim, proof } = statementOf(record);
  const checked = `${circuitVerifier} ${policyHash}`;
  if (proven.get(record.id) === checked) return undefined;
  const factsRoot = BigInt(claim.factsRoot);
  if (!isFieldElement(factsRoot)) return refuse("SignalNotInField", "the facts root is no field element");
  const subject = subjectOf(claim.streamId, claim.agentId);
  const signals = [factsRoot, policyHash, subject, signalOfContext(context, claim)];
  const key = await calls.verifyingKey(circuitVerifier);
  if (!proofHolds(key, signals, proof))
    return refuse("proof-refused", "the proof does not hold for what it claims");
  proven.set(record.id, checked);
  return undefined;
}

function signalOfContext({ chainId, calls }: RelayContext, claim: ProofFile["claim"]): bigint {
  const { submitter, deadline } = claim;
  const circuitVersion = Number(claim.circuitVersion);
  return contextOf({ chainId, verifier: calls.verifier, circuitVersion, submitter, deadline });
}

/** Unix seconds as RFC 3339, or as they are when no calendar reaches so far. */
function utc(seconds: bigint): string {
  return seconds < 8_640_000_000_000n ? new Date(Number(seconds) * 1000).toISOString() : String(seconds);
}
