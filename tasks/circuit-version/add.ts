import type { Provider } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { addCircuitVersion, readCircuitVersions } from "../../src/chain/changes/index.ts";
import { groth16At } from "../../src/chain/contracts.ts";
import { contractOf } from "../../src/chain/deployment.ts";
import { runsCode } from "../../src/chain/verify.ts";
import { CheckError, InputError } from "../../src/core/errors.ts";
import { deployedKeyHash } from "../../src/ops/deployed-key.ts";
import type { ActArguments } from "../support/act.ts";
import { carryOut } from "../support/carry-out.ts";
import { type Prepared, type PrepareWork, prepareContract } from "../support/later-contract.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { parseAddress } from "../support/values.ts";
import { chooseKey, type SetupArguments } from "./setup.ts";

export interface AddArguments extends ActArguments, SetupArguments {
  readonly verifier: string | undefined;
  readonly deployer: string | undefined;
}

/** Adds a circuit version, and deploys its circuit verifier when that is not there yet. */
export async function add(
  args: AddArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const session = await openDeployedSession(hre);
  const work = { hre, session, args, io };
  const { address, fork } = await circuitVerifier(work);
  try {
    const { status, result } = await carryOut(
      { ...work, ...(fork === undefined ? {} : { fork }) },
      [(context) => addCircuitVersion(context, address)],
      { data: { circuitVerifier: address } },
    );
    if (status !== "sent" && status !== "already") return result;
    const { provider, deployment, chain } = session;
    const mine = (await readCircuitVersions({ provider, deployment })).filter(
      (version) => version.circuitVerifier === address,
    );
    const newest = mine.at(-1);
    const version = newest?.version;
    const next = `  then: npx hardhat circuit-version activate --network ${chain.network} --circuit-version ${version} …`;
    const lines = newest?.status === "added" ? [...result.lines, next] : result.lines;
    return { ...result, data: { ...result.data, version }, lines };
  } finally {
    await fork?.close();
  }
}

async function circuitVerifier(work: PrepareWork & { readonly args: AddArguments }): Promise<Prepared> {
  const { args, session, io } = work;
  const { verifier, setup, zkey, transcript } = args;
  if (verifier !== undefined) {
    if (setup === undefined && zkey === undefined && transcript === undefined)
      return { address: parseAddress("--verifier", verifier) };
    throw InputError.expected("--verifier", "no address when a setup is to be deployed", verifier);
  }
  requireDeployer(args);
  const { deployment, chain } = session;
  const began = deployment.setup.verificationKeyHash;
  const isDeployed = (hash: string) =>
    hash === began || deployment.later?.[`circuitVerifier:${hash}`] !== undefined;
  const { verifyingKey, hash } = await chooseKey(args, chain, io, isDeployed);
  // The setup that the deployment began with is deployed already.
  if (hash === began) {
    const { address } = contractOf(deployment, "circuitVerifier");
    await requireKey(session.provider, address, hash);
    return { address };
  }
  const prepared = await prepareContract(work, {
    step: "circuit-version-add",
    role: `circuitVerifier:${hash}`,
    artifact: "Groth16Verifier",
    args: [verifyingKey],
  });
  try {
    await requireKey(prepared.fork?.provider ?? session.provider, prepared.address, hash);
    return prepared;
  } catch (error) {
    await prepared.fork?.close();
    throw error;
  }
}

/**
 * The deployment file and a replaced transaction are believed no address: what is there must be a circuit verifier with
 * the chosen key. The code alone does not tell, as every key makes the same but for what the constructor wrote.
 */
async function requireKey(provider: Provider, address: string, hash: string): Promise<void> {
  const ours = await runsCode(provider, address, "Groth16Verifier");
  const deployed = ours
    ? await deployedKeyHash(groth16At(address, provider))
    : "no Groth16Verifier of these sources";
  if (deployed === hash) return;
  throw new CheckError(`the circuit verifier at ${address}: expected the key ${hash}, got ${deployed}`, {
    next: "the deployment file was changed, or another program used the deployer's key: correct its address, or remove its entry under `later` to deploy it anew",
  });
}

/** Asked for before a setup is made or verified, which takes its time. */
function requireDeployer({ deployer, key, dryRun }: AddArguments): void {
  if (dryRun || deployer !== undefined || key !== undefined) return;
  throw InputError.expected(
    "--deployer",
    "the name of a keystore key that deploys the circuit verifier (or its address with --verifier)",
    undefined,
  );
}

export default action(add);
