import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { artifact, type BuildInfo, buildInfoOf, type ContractName } from "../../src/chain/artifacts.ts";
import { CONTRACT_ROLES, contractOf, type Deployment } from "../../src/chain/deployment.ts";
import { writeFileDurably } from "../../src/chain/files.ts";
import { type Comparison, compareRead, verifyDeployment } from "../../src/chain/verify.ts";
import { EXIT } from "../../src/core/errors.ts";
import { deployedKeyHash } from "../../src/ops/deployed-key.ts";
import { buildContracts } from "../support/build.ts";
import { type DeployedSession, openDeployedSession } from "../support/session.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";

export interface VerifyArguments {
  readonly export: string | undefined;
}

/** Compares code, wiring, key and roles; the exit code is 1 when anything differs. */
export async function verify(
  args: VerifyArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  await buildContracts(hre, io);
  const session = await openDeployedSession(hre);
  const comparisons = [
    ...(await verifyDeployment(session.provider, session.deployment)),
    await compareKey(session),
  ];
  const exported = args.export === undefined ? [] : exportStandardJson(session.deployment, args.export);
  const failed = comparisons.filter(({ ok }) => !ok);
  const lines = comparisons.map(({ name, ok, expected, got }) =>
    ok ? `  ok    ${name}` : `  WRONG ${name}: expected ${expected}, got ${got}`,
  );
  const verdict = failed.length === 0 ? "is what the source says" : `differs in ${failed.length} points`;
  return {
    data: { network: session.chain.network, ok: failed.length === 0, comparisons, exported },
    lines: [
      `The deployment on ${session.chain.network} ${verdict}:`,
      ...lines,
      ...exported.map((file) => `  wrote ${file}`),
    ],
    exitCode: failed.length === 0 ? EXIT.ok : EXIT.failed,
  };
}

function compareKey({ contracts, deployment }: DeployedSession): Promise<Comparison> {
  const name = "the deployed verifying key is the phase-2 ceremony's";
  return compareRead(name, deployment.setup.verificationKeyHash, () =>
    deployedKeyHash(contracts.circuitVerifier),
  );
}

/** Writes, for every contract, what a block explorer asks for to show verified source. */
function exportStandardJson(deployment: Deployment, folder: string): string[] {
  return CONTRACT_ROLES.flatMap((role) => {
    const { artifact: name, address, constructorArgs, libraries } = contractOf(deployment, role);
    const { input, solcLongVersion } = buildInfoOf(name);
    const inputFile = join(folder, `${role}.standard-input.json`);
    const aboutFile = join(folder, `${role}.json`);
    const contract = `${artifact(name).inputSourceName}:${name}`;
    const about = { address, contract, compiler: `v${solcLongVersion}`, constructorArgs, libraries };
    writeFileDurably(inputFile, `${JSON.stringify(withLibraries(input, libraries))}\n`);
    writeFileDurably(aboutFile, `${JSON.stringify(about, null, 2)}\n`);
    return [inputFile, aboutFile];
  });
}

/** Explorers link libraries that the settings name; that changes the metadata hash at the code's end, which they leave out. */
function withLibraries(input: BuildInfo["input"], libraries: Record<string, string>): object {
  if (Object.keys(libraries).length === 0) return input;
  const bySource = Object.entries(libraries).map(([library, address]) => [
    artifact(library as ContractName).inputSourceName,
    { [library]: address },
  ]);
  return { ...input, settings: { ...input.settings, libraries: Object.fromEntries(bySource) } };
}

export default action(verify);
