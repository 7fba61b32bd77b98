import type { ProofFile } from "../../chain/proof-file.ts";
import { toHex, uintFromBytes } from "../../core/bytes.ts";
import { CheckError, InputError } from "../../core/errors.ts";
import {
  buildFactsTree,
  contextOf,
  factsLeaf,
  type Policy,
  policyHash,
  publicSignals,
  subjectOf,
} from "../../core/facts/index.ts";
import { streamId } from "../../core/log/index.ts";
import { uuidBytes } from "../../core/uuid.ts";
import { verifyingKeyHash } from "./check-compliance.ts";
import type { AuditCompliance, AuditJson } from "./schema.ts";
import type { BatchRow, StreamName, StreamRows } from "./source.ts";

/** A proof file, with what it rests on as the chain has it. */
export interface ProvedClaim {
  readonly file: ProofFile;
  readonly policy: Policy;
  readonly verifyingKey: AuditCompliance["verifying_key"];
}

type ComplianceJson = AuditJson["compliance"][number];

/**
 * The part of an auditor's file about one compliance proof, with the facts paths of the agent's events that are in the file.
 *
 * @param batches Of the file.
 * @param hidden The events themselves are not in the file, so no path is of use.
 * @throws CheckError when the proof is about another stream, or a batch that is not the file's.
 */
export async function complianceOf(
  request: StreamName & { readonly sequences: readonly bigint[] },
  rows: StreamRows,
  batches: readonly BatchRow[],
  { file, policy, verifyingKey }: ProvedClaim,
  hidden: boolean,
): Promise<ComplianceJson> {
  const { claim } = file;
  const id = streamId(request.tenantId, request.storeId);
  if (claim.streamId !== toHex(id))
    throw new CheckError(`the proof is about stream ${claim.streamId}, not ${toHex(id)}`);
  const batch = batches.find(
    ({ end_sequence, facts_root }) => end_sequence === claim.end && toHex(facts_root) === claim.factsRoot,
  );
  if (batch === undefined)
    throw InputError.expected(
      "sequences",
      `one of the batch that ends at ${claim.end}, which the proof is about`,
      "others",
    );
  const agentId = uuidText(claim.agentId);
  const context = {
    chainId: file.chainId,
    verifier: file.verifier.toLowerCase(),
    circuitVersion: Number(claim.circuitVersion),
    submitter: claim.submitter.toLowerCase(),
    deadline: claim.deadline,
  };
  const signals = publicSignals({
    factsRoot: uintFromBytes(batch.facts_root),
    policyHash: policyHash(policy),
    subject: subjectOf(toHex(id), claim.agentId),
    context: contextOf(context),
  });
  return {
    agent_id: agentId,
    policy_id: String(claim.policyId),
    policy: policyToJson(policy),
    batch_end: String(claim.end),
    context: {
      chain_id: String(context.chainId),
      verifier: context.verifier,
      circuit_version: context.circuitVersion,
      submitter: context.submitter,
      deadline: String(context.deadline),
    },
    public_signals: signals.map(String),
    proof: { a: texts(file.proof.a), b: twisted(file.proof.b), c: texts(file.proof.c) },
    verifying_key: keyToJson(verifyingKey),
    verifying_key_hash: toHex(verifyingKeyHash(verifyingKey)),
    facts: hidden ? [] : await factsPaths(id, agentId, request.sequences, rows, batch),
  };
}

function policyToJson({ weights, lower, upper, categoryMask }: Policy): ComplianceJson["policy"] {
  return {
    weights: [...weights],
    lower: String(lower),
    upper: String(upper),
    category_mask: String(categoryMask),
  };
}

function keyToJson(key: ProvedClaim["verifyingKey"]): ComplianceJson["verifying_key"] {
  return {
    alpha: texts(key.alpha),
    beta: twisted(key.beta),
    gamma: twisted(key.gamma),
    delta: twisted(key.delta),
    ic: key.ic.map(texts),
  };
}

async function factsPaths(
  id: Uint8Array,
  agentId: string,
  sequences: readonly bigint[],
  rows: StreamRows,
  batch: BatchRow,
): Promise<ComplianceJson["facts"]> {
  const facts = await rows.facts(batch.start_sequence, batch.end_sequence);
  const leaves = facts.map(({ sequence, source_agent_id, facts_commitment }) => {
    const subject = subjectOf(toHex(id), toHex(uuidBytes("agent id", source_agent_id)));
    return factsLeaf(subject, sequence, uintFromBytes(facts_commitment));
  });
  const tree = buildFactsTree(leaves);
  const wanted = new Set(sequences);
  return facts.flatMap(({ sequence, source_agent_id }, index) =>
    wanted.has(sequence) && source_agent_id === agentId
      ? [{ sequence_number: String(sequence), path: tree.path(index).map((level) => level.map(String)) }]
      : [],
  );
}

/** A UUID of its 16 bytes in 0x hex. */
function uuidText(hex: string): string {
  return hex.slice(2).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

type Pair = readonly [bigint | string, bigint | string];
const texts = ([x, y]: Pair): [string, string] => [String(BigInt(x)), String(BigInt(y))];
const twisted = ([x, y]: readonly [Pair, Pair]): [[string, string], [string, string]] => [texts(x), texts(y)];
