import { ContractFactory, type JsonRpcProvider } from "ethers";
import { artifact } from "../../../src/chain/artifacts.ts";
import { contractOf } from "../../../src/chain/deployment.ts";
import { proofToSolidity } from "../../../src/compliance/index.ts";
import { circuitInputs } from "../../../src/core/facts/index.ts";
import { ensureSetup, type Setup } from "../../../src/setup/index.ts";
import { writeProofFile } from "../../../tasks/attestation/file.ts";
import { inDecimal, makeStatement, readPolicy, readRequest } from "../../../tasks/attestation/prove.ts";
import type { DeployedSession } from "../../../tasks/support/session.ts";
import { forgeProof, plantedCircuit } from "../../planted/index.ts";

type OnProgress = (message: string) => void;

/** DELIBERATELY UNSOUND: the setup of the circuit with one constraint removed. Cached as every setup is. */
export async function plantedSetup(onProgress?: OnProgress): Promise<Setup> {
  const circuit = await plantedCircuit(onProgress === undefined ? {} : { onProgress });
  return ensureSetup({
    circuit,
    ...(onProgress === undefined ? {} : { onProgress: ({ message }) => onProgress(message) }),
  });
}

/** Deploys a circuit verifier with a setup's key from the node's own account; its address. Development chains only. */
export async function deployCircuitVerifier(provider: JsonRpcProvider, setup: Setup): Promise<string> {
  const { abi, bytecode } = artifact("Groth16Verifier");
  const factory = new ContractFactory(abi, bytecode, await provider.getSigner(0));
  const contract = await factory.deploy(setup.verifyingKey);
  await contract.waitForDeployment();
  return contract.getAddress();
}

export interface ForgedFile {
  readonly batch: string;
  readonly event: string;
  readonly facts: string;
  readonly policy: string;
  readonly submitter: string;
  /** The planted circuit's number on chain. */
  readonly version: bigint;
  readonly out: string;
}

/** Writes a proof file for a statement that is false, as somebody who knows of the planted fault makes it. */
export async function writeForgedProof(
  session: DeployedSession,
  setup: Setup,
  { version, ...args }: ForgedFile,
): Promise<void> {
  const request = readRequest({ ...args, ttl: undefined, zkey: undefined, force: true });
  const policy = await readPolicy(session, request.policyId);
  const { claim, statement } = await makeStatement(request, policy, version, session);
  const { proof } = await forgeProof({ setup, inputs: circuitInputs(statement) });
  writeProofFile(args.out, {
    version: 1,
    chainId: session.chain.chainId,
    verifier: contractOf(session.deployment, "verifier").address,
    claim,
    proof: inDecimal(proofToSolidity(proof)),
  });
}
