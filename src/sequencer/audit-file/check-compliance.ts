import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, equalBytes, toHex, uint, uintFromBytes } from "../../core/bytes.ts";
import { CheckError } from "../../core/errors.ts";
import {
  contextOf,
  evaluatePolicy,
  factCommitment,
  factsLeaf,
  factsRootFromPath,
  type Policy,
  PUBLIC_SIGNALS,
  parseFacts,
  parsePolicy,
  policyHash,
  publicSignals,
  subjectOf,
} from "../../core/facts/index.ts";
import { uuidBytes } from "../../core/uuid.ts";
import type { CheckedEntry } from "./check-entries.ts";
import type { Findings } from "./report.ts";
import type { AuditBatch, AuditCompliance, AuditFile } from "./schema.ts";
import type { AuditTrust, ProofCheck } from "./trust.ts";

interface Surroundings {
  readonly file: AuditFile;
  readonly streamId: Uint8Array;
  readonly checked: readonly CheckedEntry[];
  readonly trust: AuditTrust;
  readonly proofHolds: ProofCheck;
  readonly findings: Findings;
}

/** Each compliance proof: what its public signals stand for, that it holds, under which key; and which entries are in its facts tree. */
export async function checkComplianceProofs(all: Surroundings): Promise<void> {
  for (const [i, proof] of all.file.compliance.entries()) await checkOne(i, proof, all);
}

async function checkOne(i: number, compliance: AuditCompliance, all: Surroundings): Promise<void> {
  const { file, findings, streamId, proofHolds } = all;
  const place = `compliance[${i}]`;
  const { agent_id: agent, policy_id: policyId, batch_end: end } = compliance;
  const read = await findings.check(place, () => {
    const batch = file.batches.find(({ end_sequence }) => end_sequence === end);
    if (batch === undefined) throw new CheckError(`batch_end: no batch of the file ends at ${end}`);
    const policy = policyOf(compliance);
    requireSignals(compliance, policy, batch, streamId);
    const hash = verifyingKeyHash(compliance.verifying_key);
    if (!equalBytes(hash, compliance.verifying_key_hash))
      throw new CheckError(`verifying_key_hash: expected ${toHex(hash)}, got another`);
    if (!proofHolds(compliance.verifying_key, compliance.public_signals, compliance.proof))
      throw new CheckError("proof: it does not hold for its public signals under its verifying key");
    return { batch, policy };
  });
  if (read === undefined) return;
  findings.proved(
    `under the verifying key ${toHex(compliance.verifying_key_hash)}: at least one event of agent ${agent} under the facts ` +
      `root of the batch that ends at ${end} satisfies ${describePolicy(read.policy)}`,
  );
  findings.notProved(`that other events of agent ${agent} satisfy it: its prover chose one`);
  await checkKeyAndPolicy(place, compliance, policyId, all);
  for (const [k, facts] of compliance.facts.entries())
    await checkFacts(`${place}.facts[${k}]`, facts, compliance, read, all);
}

async function checkKeyAndPolicy(
  place: string,
  compliance: AuditCompliance,
  policyId: bigint,
  { trust, findings }: Surroundings,
): Promise<void> {
  const { deployment, chain } = trust;
  const { chain_id, verifier, circuit_version: version } = compliance.context;
  const pinned = await findings.check(`${place}.context`, () => {
    if (deployment === undefined) return true;
    if (chain_id === deployment.chainId && verifier === deployment.verifier) return true;
    throw new CheckError(`it is for ${verifier} on chain ${chain_id}, not for the pinned deployment`);
  });
  if (pinned === undefined) return;
  if (chain === undefined) {
    const key =
      deployment !== undefined &&
      version === 1 &&
      toHex(compliance.verifying_key_hash) === deployment.verificationKeyHash;
    if (key)
      findings.proved("the verifying key is the one that the pinned deployment's circuit was deployed with");
    else
      findings.notProved(
        "that this verifying key is the deployed one: whoever made another key can make false proofs",
      );
    findings.notProved(
      `that policy ${policyId} on chain is this one: no chain was asked (--rpc, --deployment)`,
      [`${place}.policy_id`],
    );
    return;
  }
  await findings.check(place, async () => {
    await chain.checkCompliance(compliance);
    findings.proved(
      `policy ${policyId} on chain is this one, and circuit version ${version} has this verifying key, as the node asked says`,
    );
  });
}

/** An entry in the proof's facts tree; when its payload is plain, its facts are judged here, without any proof. */
async function checkFacts(
  place: string,
  facts: AuditCompliance["facts"][number],
  { agent_id: agent }: AuditCompliance,
  { batch, policy }: { readonly batch: AuditBatch; readonly policy: Policy },
  { checked, streamId, findings }: Surroundings,
): Promise<void> {
  const { sequence_number: sequence, path } = facts;
  const event = await findings.check(place, () => {
    const known = checked.find((each) => each.sequence === sequence)?.sequenced?.event;
    if (known?.factsCommitment === undefined)
      throw new CheckError(`sequence ${sequence} is no whole event with a facts commitment in the file`);
    if (known.sourceAgentId !== agent) throw new CheckError(`sequence ${sequence} is of another agent`);
    const subject = subjectOfAgent(streamId, agent);
    const root = factsRootFromPath(factsLeaf(subject, sequence, uintFromBytes(known.factsCommitment)), path);
    if (root !== uintFromBytes(batch.facts_root))
      throw new CheckError("the path leads to another facts root");
    return known;
  });
  if (event === undefined) return;
  findings.proved(`sequence ${sequence} is one of the events the proof may be about`);
  const payload = event.payloadKind === 0 ? event.payload : null;
  if (payload === null || typeof payload !== "object" || !("facts" in payload)) {
    findings.notProved(
      `that the proof is about sequence ${sequence}: it does not tell which event it is about`,
    );
    return;
  }
  await findings.check(place, () => {
    const opened = parseFacts(payload.facts);
    if (factCommitment(opened) !== uintFromBytes(event.factsCommitment ?? new Uint8Array(32)))
      throw new CheckError(`the facts in the payload of sequence ${sequence} are not those it commits to`);
    if (evaluatePolicy(policy, opened).complies)
      findings.proved(`the facts that sequence ${sequence} opens satisfy the policy`);
    else
      findings.notProved(`that sequence ${sequence} complies: the facts it opens do not satisfy the policy`);
  });
}

function requireSignals(
  compliance: AuditCompliance,
  policy: Policy,
  batch: AuditBatch,
  streamId: Uint8Array,
): void {
  const { chain_id, verifier, circuit_version, submitter, deadline } = compliance.context;
  const expected = publicSignals({
    factsRoot: uintFromBytes(batch.facts_root),
    policyHash: policyHash(policy),
    subject: subjectOfAgent(streamId, compliance.agent_id),
    context: contextOf({ chainId: chain_id, verifier, circuitVersion: circuit_version, submitter, deadline }),
  });
  expected.forEach((value, k) => {
    if (compliance.public_signals[k] === value) return;
    throw new CheckError(`public_signals: ${PUBLIC_SIGNALS[k]} is not that of the file's content`);
  });
}

function policyOf({ policy }: AuditCompliance): Policy {
  const { weights, lower, upper, category_mask: categoryMask } = policy;
  return parsePolicy({ weights, lower, upper, categoryMask });
}

function describePolicy({ weights, lower, upper, categoryMask }: Policy): string {
  return `${lower} <= [${weights.join(", ")}] * amounts <= ${upper} with a category in mask ${categoryMask}`;
}

function subjectOfAgent(streamId: Uint8Array, agent: string): bigint {
  return subjectOf(toHex(streamId), toHex(uuidBytes("agent id", agent)));
}

/** `keccak256(abi.encode(key))`: names a key in transcripts and deployments. */
export function verifyingKeyHash(key: AuditCompliance["verifying_key"]): Uint8Array {
  const words = [key.alpha, ...key.beta, ...key.gamma, ...key.delta, ...key.ic].flat();
  return keccak_256(concatBytes(...words.map((word) => uint("coordinate", word, 32))));
}
