import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { EXIT, InputError } from "../../src/core/errors.ts";
import { deployedKey } from "../../src/ops/deployed-key.ts";
import {
  DEVELOPMENT_PTAU,
  describeContributors,
  type SetupVerification,
  type SolidityVerifyingKey,
  type VerifyRequest,
  verifySetup,
} from "../../src/setup/index.ts";
import { openDeployedSession } from "../support/session.ts";
import { currentCircuit, currentSetup, warnOfOrigin } from "../support/setup.ts";
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
  const brought = broughtFiles(args);
  const deployed = await readDeployedKey(hre);
  const files =
    brought === undefined ? await ownFiles(args, io) : { ...brought, ...(await inputs(args, io)) };
  const result = await verifySetup({
    ...files,
    ...(deployed === undefined ? {} : { deployedKey: deployed }),
    onProgress: ({ done, total, message }) => io.note(`verify ${done + 1}/${total}: ${message}`),
  });
  return { data: result, lines: describe(result), exitCode: result.ok ? EXIT.ok : EXIT.failed };
}

/** The key and transcript of somebody else; a key without its transcript, or the other way round, says nothing. */
function broughtFiles({
  zkey,
  transcript,
}: VerifyArguments): { zkey: string; transcript: string } | undefined {
  if (zkey === undefined && transcript === undefined) return undefined;
  if (zkey !== undefined && transcript !== undefined) return { zkey, transcript };
  const [missing, given] = zkey === undefined ? ["--zkey", "--transcript"] : ["--transcript", "--zkey"];
  throw InputError.expected(missing, `a file, as ${given} is given: both are needed`, undefined);
}

/** What a brought setup is judged against. No phase 2 is run, so its powers of tau may be of unknown origin. */
async function inputs({ ptau }: VerifyArguments, io: TaskIo): Promise<{ r1cs: string; ptau: string }> {
  const { r1cs } = await currentCircuit(io);
  return { r1cs, ptau: ptau ?? DEVELOPMENT_PTAU };
}

async function ownFiles({ ptau }: VerifyArguments, io: TaskIo): Promise<VerifyRequest> {
  const setup = await currentSetup(io, { ptau });
  return { r1cs: setup.r1cs, ptau: setup.ptau, zkey: setup.zkey, transcript: setup.transcriptFile };
}

async function readDeployedKey(hre: HardhatRuntimeEnvironment): Promise<SolidityVerifyingKey | undefined> {
  if (hre.globalOptions.network === undefined) return undefined;
  const { contracts } = await openDeployedSession(hre);
  return deployedKey(contracts.circuitVerifier);
}

function describe({ ok, origin, contributors, checks, firstWrong }: SetupVerification): string[] {
  const lines = checks.map(({ name, ok: good, expected, got }) =>
    good ? `  ok    ${name}` : `  WRONG ${name}: expected ${expected}, got ${got}`,
  );
  const verdict = ok ? "The setup holds" : `The setup does NOT hold; first wrong: ${firstWrong?.name}`;
  return [verdict, ...lines, ...warnOfOrigin(origin), `  ${describeContributors(contributors)}`];
}

export default action(verifyCeremony);
