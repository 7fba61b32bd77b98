import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { EXIT } from "../../src/core/errors.ts";
import { type SetupVerification, type SolidityVerifyingKey, verifySetup } from "../../src/setup/index.ts";
import { openDeployedSession } from "../support/session.ts";
import { currentSetup, deployedKey } from "../support/setup.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";

export interface VerifyArguments {
  readonly ptau: string | undefined;
  readonly zkey: string | undefined;
  readonly transcript: string | undefined;
}

/**
 * Checks a setup from scratch: the one made here, or a proving key and transcript that somebody else brought. With
 * `--network` the deployed key is compared too.
 */
export async function verifyCeremony(
  args: VerifyArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const setup = await currentSetup(io, { ptau: args.ptau });
  const deployed = await readDeployedKey(hre);
  const result = await verifySetup({
    r1cs: setup.circuitFiles.r1cs,
    ptau: setup.ptau,
    zkey: args.zkey ?? setup.zkey,
    transcript: args.transcript ?? setup.transcriptFile,
    ...(deployed === undefined ? {} : { deployedKey: deployed }),
    onProgress: ({ done, total, message }) => io.note(`verify ${done + 1}/${total}: ${message}`),
  });
  return { data: result, lines: describe(result), exitCode: result.ok ? EXIT.ok : EXIT.failed };
}

async function readDeployedKey(hre: HardhatRuntimeEnvironment): Promise<SolidityVerifyingKey | undefined> {
  if (hre.globalOptions.network === undefined) return undefined;
  const { contracts } = await openDeployedSession(hre);
  return deployedKey(contracts.circuitVerifier);
}

function describe({ ok, development, checks, firstWrong }: SetupVerification): string[] {
  const lines = checks.map(({ name, ok: good, expected, got }) =>
    good ? `  ok    ${name}` : `  WRONG ${name}: expected ${expected}, got ${got}`,
  );
  const verdict = ok ? "The setup holds" : `The setup does NOT hold; first wrong: ${firstWrong?.name}`;
  const label = development
    ? ["  It is for development: whoever made its powers of tau can forge proofs."]
    : [];
  return [verdict, ...lines, ...label];
}

export default action(verifyCeremony);
