import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { openDeployment, runDeploy, STEPS } from "../../scripts/deploy/run.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import { withDeploymentLock } from "../../src/chain/deployment-lock.ts";
import { checkSettings, readDeploySettings } from "../../src/chain/settings.ts";
import { assertDeployable, requireSound, type Setup } from "../../src/setup/index.ts";
import { signerFor } from "../support/act.ts";
import { buildContracts } from "../support/build.ts";
import { confirm, openSession } from "../support/session.ts";
import { chosenSetup } from "../support/setup.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";

export interface DeployArguments {
  readonly settings: string | undefined;
  readonly key: string | undefined;
  readonly ptau: string | undefined;
  readonly setup: string | undefined;
  readonly confirm: string | undefined;
  readonly dryRun: boolean;
  readonly allowDevelopmentSetup: boolean;
}

/** Deploys everything, or goes on with what an interrupted run left. */
export async function deploy(
  args: DeployArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const settings = readDeploySettings(required("settings", args.settings, "a settings file"));
  const session = await openSession(hre);
  const { chain, provider } = session;
  const signer = await signerFor(session, args.key);
  const deployer = await signer.getAddress();
  checkSettings(settings, chain, deployer);
  await buildContracts(hre, io);
  const setup = await chosenSetup(io, args);
  const { transcript } = setup;
  const remarks = assertDeployable({
    transcript,
    network: { chainId: chain.chainId, isPublic: chain.isPublic },
    allowDevelopmentSetup: args.allowDevelopmentSetup,
  });

  for (const remark of remarks) io.note(remark);

  const fresh: Deployment = {
    version: 1,
    network: chain.network,
    chainId: String(chain.chainId),
    genesisHash: chain.genesisHash,
    deployer,
    settings,
    setup: {
      // Powers of tau that nobody published are as good as ours for forging.
      development: transcript.ptau.label !== "published",
      circuit: transcript.circuit,
      verificationKeyHash: transcript.verificationKeyHash,
    },
    contracts: {},
  };
  if (args.dryRun) return planned(fresh);
  await confirm(chain, "Deploy ProofX", args.confirm, io);
  if (chain.isPublic) await verifyFromScratch(setup, io);
  return withDeploymentLock(chain.network, async () => {
    const deployment = openDeployment(fresh, chain);
    const { verifyingKey } = setup;
    const context = { chain, provider, signer, deployment, verifyingKey, onProgress: io.note };
    await runDeploy(context, (step, result) => io.note(`${step.id}  ${step.title}: ${result}`));
    return finished(deployment);
  });
}

/** Before anything is sent where it cannot be undone, the setup is believed nothing that can be computed. */
async function verifyFromScratch({ r1cs, ptau, zkey, transcriptFile }: Setup, io: TaskIo): Promise<void> {
  await requireSound({
    r1cs,
    ptau,
    zkey,
    transcript: transcriptFile,
    onProgress: ({ done, total, message }) => io.note(`verify ${done + 1}/${total}: ${message}`),
  });
}

function planned(deployment: Deployment): TaskResult {
  const { settings, network, deployer } = deployment;
  return {
    data: { status: "planned", deployment, steps: STEPS.map(({ id, title }) => ({ id, title })) },
    lines: [
      `Dry run, nothing sent. Deployer ${deployer} on ${network}`,
      ...STEPS.map(({ id, title }) => `  ${id}  ${title}`),
      ...Object.entries(settings).map(([name, value]) => `  ${name}: ${String(value)}`),
    ],
  };
}

function finished(deployment: Deployment): TaskResult {
  const addresses = Object.entries(deployment.contracts).map(
    ([role, record]) => [role, record.address] as const,
  );
  return {
    data: {
      status: "deployed",
      network: deployment.network,
      addresses: Object.fromEntries(addresses),
      deployment,
    },
    lines: [
      `ProofX is deployed on ${deployment.network}; the deployer holds nothing.`,
      ...addresses.map(([role, address]) => `  ${role.padEnd(24)} ${address}`),
      ...(deployment.setup.development
        ? ["  Development setup: anybody who knew its entropy could forge proofs."]
        : []),
    ],
  };
}

export default action(deploy);
