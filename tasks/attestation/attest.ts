import type { TransactionReceipt } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Groth16Verifier } from "../../build/types/contracts/compliance/Groth16Verifier.ts";
import { abiOf } from "../../src/chain/artifacts.ts";
import { makeCall } from "../../src/chain/call.ts";
import { groth16At } from "../../src/chain/contracts.ts";
import { contractOf } from "../../src/chain/deployment.ts";
import { type Submission, signSubmission } from "../../src/chain/submission.ts";
import { CheckError, EXIT } from "../../src/core/errors.ts";
import { type ActArguments, act, signerFor } from "../support/act.ts";
import { type DeployedSession, openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { parseUnsigned } from "../support/values.ts";
import { type ProofFile, readProofFile, requireSameVerifier, submissionOf } from "./file.ts";
import { findFalseProofs, type Signals } from "./search.ts";

export interface AttestArguments extends Omit<ActArguments, "from" | "out"> {
  readonly proof: string | undefined;
  readonly signer: string | undefined;
  readonly nonceKey: string | undefined;
  readonly sendInvalid: boolean;
}

/** Signs submissions as the signer and sends them as the submitter; the exit code is 1 when one was recorded as failed. */
export async function attest(
  args: AttestArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const paths = required("proof", args.proof, "a proof file").split(",");
  const files = paths.map(readProofFile);
  const session = await openDeployedSession(hre);
  const verifierAddress = contractOf(session.deployment, "verifier").address;
  for (const [index, file] of files.entries()) {
    requireSameVerifier(paths[index] ?? "", file, session.chain.chainId, verifierAddress);
  }
  if (!args.sendInvalid) await refuseFalseProofs(session, paths, files);

  const vouched = await vouch(session, files, args);
  const call = makeCall(
    abiOf("ProofXVerifier"),
    verifierAddress,
    files.length === 1 ? "attest" : "attestBatch",
    files.length === 1
      ? [vouched.submissions[0], files[0]?.proof, vouched.signatures[0]]
      : [vouched.submissions, files.map(({ proof }) => proof), vouched.signatures],
    `Attest ${files.length === 1 ? "a proof" : `${files.length} proofs`} vouched for by ${vouched.signer}`,
  );
  const submitter = files[0]?.claim.submitter ?? "";
  const outcome = await act(session, call, submitter, { ...args, from: undefined, out: undefined }, io);
  if (outcome.status !== "sent") return outcome.result;
  return report(session, outcome.receipt);
}

/** Asks the circuit verifiers on chain before any gas is paid, and names every proof that does not hold. */
async function refuseFalseProofs(
  session: DeployedSession,
  paths: string[],
  files: ProofFile[],
): Promise<void> {
  const falseOnes = await findFalseProofs(
    files,
    await signalsOf(session, files),
    await circuitVerifiersOf(session, files),
  );
  if (falseOnes.length === 0) return;
  throw new CheckError(`the proof in ${falseOnes.map((index) => paths[index]).join(", ")} does not hold`, {
    next: "prove again; --send-invalid sends it all the same, and the chain records it as failed",
  });
}

/** The public signals each claim stands for, as the contract will compute them; what the file says they are counts nothing. */
function signalsOf({ contracts }: DeployedSession, files: readonly ProofFile[]): Promise<Signals[]> {
  const { verifier } = contracts;
  return Promise.all(
    files.map(async ({ claim }): Promise<Signals> => {
      const { policyHash } = await verifier.policy(claim.policyId);
      const subject = await verifier.subjectOf(claim.streamId, claim.agentId);
      const context = await verifier.contextOf(claim.circuitVersion, claim.submitter, claim.deadline);
      return [BigInt(claim.factsRoot), policyHash, subject, context];
    }),
  );
}

async function circuitVerifiersOf(
  { contracts, provider }: DeployedSession,
  files: readonly ProofFile[],
): Promise<Map<bigint, Groth16Verifier>> {
  const found = new Map<bigint, Groth16Verifier>();
  for (const { claim } of files) {
    if (found.has(claim.circuitVersion)) continue;
    const [address] = await contracts.verifier.circuitVersion(claim.circuitVersion);
    found.set(claim.circuitVersion, groth16At(address, provider));
  }
  return found;
}

/** The signer's EIP-712 signatures, with consecutive nonces of one nonce key. */
async function vouch(session: DeployedSession, files: readonly ProofFile[], args: AttestArguments) {
  const signerKey = required("signer", args.signer, "the name of the signer's keystore key");
  const signer = await signerFor(session, signerKey);
  const address = await signer.getAddress();
  const verifier = contractOf(session.deployment, "verifier").address;
  const nonceKey = parseUnsigned("--nonce-key", args.nonceKey ?? "0", 192);
  const first = await session.contracts.verifier["nonces(address,uint192)"](address, nonceKey);
  const submissions: Submission[] = files.map((file, index) => submissionOf(file, first + BigInt(index)));
  const signatures: string[] = [];
  for (const submission of submissions) {
    signatures.push(await signSubmission(signer, session.chain.chainId, verifier, submission));
  }
  return { signer: address, submissions, signatures };
}

function report({ contracts }: DeployedSession, receipt: TransactionReceipt): TaskResult {
  const { hash: transactionHash, logs, gasUsed } = receipt;
  const verdicts = logs
    .map((log) => contracts.verifier.interface.parseLog(log))
    .filter((log) => log?.name === "ProofVerified")
    .map((log) => ({
      subject: log?.args.subject as bigint,
      policyId: log?.args.policyId as bigint,
      verified: log?.args.verified as boolean,
    }));
  if (verdicts.length === 0) throw new CheckError("the transaction left no ProofVerified event");
  const all = verdicts.every(({ verified }) => verified);
  const lines = verdicts.map(
    ({ subject, policyId, verified }) =>
      `${verified ? "Attested" : "RECORDED AS FAILED"}: subject ${subject}, policy ${policyId}`,
  );
  return {
    data: { status: "sent", verified: all, verdicts, transactionHash, gasUsed },
    lines: [...lines, `  transaction ${transactionHash}, ${gasUsed} gas`],
    exitCode: all ? EXIT.ok : EXIT.failed,
  };
}

export default action(attest);
