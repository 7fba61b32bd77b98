import { getAddress } from "ethers";
import { type Creation, createContract, creationCode } from "../../src/chain/deploy.ts";
import { type ContractRecord, type LaterName, requireDeployment } from "../../src/chain/deployment.ts";
import { withDeploymentLock } from "../../src/chain/deployment-lock.ts";
import { runsCode } from "../../src/chain/verify.ts";
import { CheckError } from "../../src/core/errors.ts";
import { type ActArguments, addressOf, signerFor } from "./act.ts";
import type { Work } from "./carry-out.ts";
import { type Fork, forkOf } from "./fork.ts";
import { confirm } from "./session.ts";

/** A contract that is to be used next. */
export interface Prepared {
  readonly address: string;
  /** The fork it was deployed on, in a dry run; whoever asked closes it. */
  readonly fork?: Fork;
}

export interface PrepareWork extends Work {
  readonly args: ActArguments & { readonly deployer: string | undefined };
}

/**
 * Deploys a contract that joins a finished deployment, once: the deployment file remembers it by what it is made from.
 * A dry run deploys on a fork.
 */
export async function prepareContract(
  work: PrepareWork,
  creation: Creation & { readonly role: LaterName },
): Promise<Prepared> {
  const { hre, session, args, io } = work;
  const { deployment, chain } = session;
  const name = creation.artifact.split(":").at(-1);
  const done = deployment.later?.[creation.role];
  if (done !== undefined) return recorded(work, creation, done);
  const key = args.deployer ?? args.key;
  if (args.dryRun) {
    const from = key === undefined ? deployment.deployer : await addressOf(key);
    const fork = await forkOf(hre, session);
    return { address: await deployOn(fork, from, creation), fork };
  }
  const signer = await signerFor(session, key);
  await confirm(chain, `Deploy ${name}`, args.confirm, io);
  io.note(`deploying ${name} from ${await signer.getAddress()} …`);
  // Patient: an incident that was killed here goes on at once, and its own lock lives ten seconds longer than it.
  const record = await withDeploymentLock(
    chain.network,
    () => createContract(signer, requireDeployment(chain), creation, { onProgress: io.note }),
    { patient: true },
  );
  io.note(`${name} is at ${record.address}, block ${record.blockNumber}`);
  return recorded(work, creation, record);
}

/** The file is believed no address: whoever can edit it would choose what an upgrade runs. */
async function recorded(
  { session }: PrepareWork,
  { role, artifact, libraries }: Creation,
  { address }: ContractRecord,
): Promise<Prepared> {
  if (await runsCode(session.provider, address, artifact, libraries)) return { address: getAddress(address) };
  const { network } = session.chain;
  throw new CheckError(
    `deployments/${network}.json: the code at ${address} is not what ${artifact.split(":").at(-1)} compiles to here`,
    { next: `correct the address under later, "${role}", or remove the entry to deploy it anew` },
  );
}

async function deployOn(fork: Fork, from: string, creation: Creation): Promise<string> {
  const signer = await fork.impersonate(from);
  const response = await signer.sendTransaction({ data: creationCode(creation) });
  const receipt = await response.wait();
  if (receipt?.contractAddress == null)
    throw new CheckError(`${creation.artifact} was not created on the fork`);
  return getAddress(receipt.contractAddress);
}
