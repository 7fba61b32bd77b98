import { getAddress, isAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { contractOf } from "../../src/chain/deployment.ts";
import { createProver, proofToSolidity } from "../../src/compliance/index.ts";
import { toHex } from "../../src/core/bytes.ts";
import { CheckError, InputError } from "../../src/core/errors.ts";
import {
  type CircuitInputs,
  circuitInputs,
  contextOf,
  evaluatePolicy,
  type Facts,
  type Policy,
  parsePolicy,
  publicSignals,
  type Statement,
} from "../../src/core/facts/index.ts";
import { uuidBytes } from "../../src/core/uuid.ts";
import { deployedKeyHash } from "../../src/ops/deployed-key.ts";
import { factsTreeOf, subjectOfAgent, withFacts } from "../../src/sequencer/batches/facts-tree.ts";
import { proveRemotely } from "../../src/services/prover/client.ts";
import { type BatchFile, readBatchFile } from "../batch/file.ts";
import { readFactsFile } from "../facts/file.ts";
import { type DeployedSession, openDeployedSession } from "../support/session.ts";
import { currentCircuit, currentSetup, provingKeyHash } from "../support/setup.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { parseUnsigned } from "../support/values.ts";
import { activeCircuitVersion } from "./circuit-version.ts";
import { type ProofFile, writeProofFile } from "./file.ts";

export interface ProveArguments {
  readonly batch: string | undefined;
  readonly event: string | undefined;
  readonly facts: string | undefined;
  readonly policy: string | undefined;
  readonly submitter: string | undefined;
  readonly ttl: string | undefined;
  readonly zkey: string | undefined;
  readonly prover?: string | undefined;
  readonly out: string | undefined;
  readonly force: boolean;
}

const DEFAULT_TTL = "3600";

/** Proves one committed event against a policy read from the chain. A breach is explained before anything is proved. */
export async function prove(
  args: ProveArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const request = readRequest(args);
  const { facts, leaf, policyId } = request;
  const session = await openDeployedSession(hre);
  const policy = await readPolicy(session, policyId);
  if (!args.force) refuseBreach(policy, policyId, facts);

  const circuit = await activeCircuitVersion(session);
  const { claim, statement } = await makeStatement(request, policy, circuit.version, session);
  const deployed = { version: Number(circuit.version), keyHash: await deployedKeyHash(circuit.verifier) };
  const { signals, proof, milliseconds } = await proveStatement(statement, args, deployed, io);
  writeProofFile(request.out, {
    version: 1,
    chainId: session.chain.chainId,
    verifier: contractOf(session.deployment, "verifier").address,
    claim,
    proof,
  });
  return {
    data: { file: request.out, claim, signals, proveMilliseconds: milliseconds },
    lines: [
      `Proved in ${milliseconds} ms: event ${leaf.eventId} satisfies policy ${policyId}`,
      `  to be sent by ${claim.submitter} until ${new Date(Number(claim.deadline) * 1000).toISOString()}`,
      `  proof file ${request.out}`,
    ],
  };
}

type Request = ReturnType<typeof readRequest>;

/** Puts together what is to be proved, and what the chain is told of it. Whether it is true is not looked at. */
export async function makeStatement(
  request: Request,
  policy: Policy,
  circuitVersion: bigint,
  session: DeployedSession,
): Promise<{ claim: ProofFile["claim"]; statement: Statement }> {
  const { batch, facts, leaf } = request;
  const claim = await makeClaim(request, circuitVersion, session);
  const statement: Statement = {
    facts,
    policy,
    subject: subjectOfAgent(batch.streamId, leaf.agentId),
    sequence: leaf.sequence,
    context: contextOf({
      chainId: session.chain.chainId,
      verifier: contractOf(session.deployment, "verifier").address,
      circuitVersion: Number(circuitVersion),
      submitter: claim.submitter,
      deadline: claim.deadline,
    }),
    path: factsTreeOf(batch.streamId, batch.events).path(leaf.index),
  };
  return { claim, statement };
}

/** Reads everything that was named on the command line, before any chain is asked. */
export function readRequest(args: ProveArguments) {
  const batch = readBatchFile("--batch", required("batch", args.batch, "a batch file"));
  const { facts, commitment } = readFactsFile(required("facts", args.facts, "a facts file"));
  const submitter = required("submitter", args.submitter, "an address");
  if (!isAddress(submitter)) throw InputError.expected("--submitter", "an address", submitter);
  return {
    batch,
    facts,
    submitter: getAddress(submitter),
    leaf: findLeaf(batch, required("event", args.event, "an event id"), commitment),
    policyId: parseUnsigned("--policy", required("policy", args.policy, "a policy id"), 256),
    ttl: parseUnsigned("--ttl", args.ttl ?? DEFAULT_TTL, 32),
    out: required("out", args.out, "a proof file to write"),
  };
}

async function makeClaim(
  { batch, leaf, policyId, submitter, ttl }: Request,
  circuitVersion: bigint,
  { provider }: DeployedSession,
): Promise<ProofFile["claim"]> {
  const latest = await provider.getBlock("latest");
  const now = BigInt(latest?.timestamp ?? 0);
  return {
    policyId,
    streamId: toHex(batch.streamId),
    agentId: toHex(uuidBytes("agent id", leaf.agentId)),
    batchIndex: batch.batchIndex,
    end: batch.endSequence,
    matureAt: batch.matureAt,
    factsRoot: toHex(batch.factsRoot),
    circuitVersion,
    submitter,
    // A batch that does not count yet cannot be attested before it does: the time to send begins then.
    deadline: (now > batch.matureAt ? now : batch.matureAt) + ttl,
  };
}

function findLeaf(batch: BatchFile, eventId: string, commitment: string) {
  const candidates = withFacts(batch.events);
  const index = candidates.findIndex((event) => event.eventId === eventId);
  const event = candidates[index];
  if (event === undefined) {
    const known = batch.events.some((other) => other.eventId === eventId);
    throw InputError.expected(
      "--event",
      "an event of this batch that carries facts",
      known ? `${eventId}, which carries none` : eventId,
    );
  }
  if (toHex(event.factsCommitment) !== commitment) {
    throw new CheckError(`--facts: event ${eventId} commits to other facts than the file holds`, {
      next: "name the facts file that the event was signed with",
    });
  }
  return { ...event, index };
}

/** A policy as the chain has it. @throws InputError when it is not active. */
export async function readPolicy({ contracts }: DeployedSession, policyId: bigint): Promise<Policy> {
  const { parameters, active } = await contracts.verifier.policy(policyId);
  if (!active) {
    throw InputError.expected("--policy", "a registered, active policy", policyId, "npx hardhat policy list");
  }
  const { weights, lower, upper, categoryMask } = parameters;
  return parsePolicy({ weights: weights.map(Number), lower, upper, categoryMask });
}

function refuseBreach(policy: Policy, policyId: bigint, facts: Facts): void {
  const { complies, reasons } = evaluatePolicy(policy, facts);
  if (complies) return;
  throw new CheckError(`the facts do not satisfy policy ${policyId}: ${reasons.join("; ")}`, {
    next: "this cannot be proved; report it as your process for breaches says",
  });
}

async function proveStatement(
  statement: Statement,
  { zkey, prover }: ProveArguments,
  deployed: { readonly version: number; readonly keyHash: string },
  io: TaskIo,
) {
  const inputs = circuitInputs(statement);
  const { proof, milliseconds } =
    prover === undefined
      ? await proveHere(inputs, zkey, deployed.keyHash, io)
      : await proveRemotely({
          url: prover,
          circuitVersion: deployed.version,
          inputs,
          verificationKeyHash: deployed.keyHash,
        });
  return { proof: inDecimal(proofToSolidity(proof)), signals: publicSignals(inputs), milliseconds };
}

async function proveHere(
  inputs: CircuitInputs,
  zkeyFile: string | undefined,
  deployedHash: string,
  io: TaskIo,
) {
  const { wasm } = await currentCircuit(io);
  const { zkey, verificationKeyHash: hash } =
    zkeyFile === undefined
      ? await currentSetup(io)
      : { zkey: zkeyFile, verificationKeyHash: await provingKeyHash(zkeyFile) };
  if (hash !== deployedHash) {
    throw new CheckError(
      `proving key: expected the one of the deployed verifying key ${deployedHash}, got the one of ${hash}`,
      { next: "name the proving key of the deployed setup with --zkey" },
    );
  }
  await using prover = await createProver({ wasm, zkey });
  const { proof, timings } = await prover.prove(inputs);
  return { proof, milliseconds: Math.round(timings.total) };
}

/** A proof as a proof file holds it. */
export function inDecimal({ a, b, c }: ReturnType<typeof proofToSolidity>): ProofFile["proof"] {
  const pair = ([x, y]: readonly [bigint, bigint]): [string, string] => [String(x), String(y)];
  return { a: pair(a), b: [pair(b[0]), pair(b[1])], c: pair(c) };
}

export default action(prove);
