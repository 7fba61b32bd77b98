import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { EXIT, InputError } from "../../src/core/errors.ts";
import { deployedKey } from "../../src/ops/deployed-key.ts";
import {
  ceremonyFolder,
  describeVerification,
  exitCodeOf,
  verifyCeremony as verifyFolder,
  warnOfOrigin,
} from "../../src/setup/ceremony/index.ts";
import {
  DEVELOPMENT_PTAU,
  describeContributors,
  type OnProgress,
  type SetupVerification,
  type SolidityVerifyingKey,
  type VerifyRequest,
  verifySetup,
} from "../../src/setup/index.ts";
import { openDeployedSession } from "../support/session.ts";
import { currentCircuit, currentSetup } from "../support/setup.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { readInput } from "../support/values.ts";

export interface VerifyArguments {
  readonly ceremony: string | undefined;
  readonly keys: string | undefined;
  readonly circuit: string | undefined;
  readonly includes: string | undefined;
  readonly ptau: string | undefined;
  readonly zkey: string | undefined;
  readonly transcript: string | undefined;
}

/** Checks a ceremony of many contributors, or a setup, from scratch. */
export async function verifyCeremony(
  args: VerifyArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  if (args.ceremony !== undefined) return await verifyRecords(args.ceremony, args, hre, io);
  for (const name of ["keys", "circuit", "includes"] as const) {
    if (args[name] !== undefined) throw InputError.expected(`--${name}`, "--ceremony beside it", args[name]);
  }
  return await verifyOneSetup(args, hre, io);
}

async function verifyRecords(
  ceremony: string,
  args: VerifyArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  if (args.transcript !== undefined) {
    throw InputError.expected(
      "--transcript",
      "nothing beside --ceremony, which has its own",
      args.transcript,
    );
  }
  const { keys, zkey, ptau, circuit, includes } = args;
  const result = await verifyFolder({
    folder: ceremonyFolder(ceremony),
    keys,
    zkey,
    ptau,
    r1cs: (await currentCircuit(io, circuit)).r1cs,
    deployedKey: await readDeployedKey(hre),
    includes: includes === undefined ? undefined : readInput("--includes", includes),
    onProgress: progress(io),
  });
  return { data: result, lines: describeVerification(result), exitCode: exitCodeOf(result) };
}

/**
 * Checks a setup from scratch: the one made here, or a proving key and transcript that somebody else brought. With
 * `--network` the deployed key is compared too.
 */
async function verifyOneSetup(
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
    onProgress: progress(io),
  });
  return { data: result, lines: describe(result), exitCode: result.ok ? EXIT.ok : EXIT.failed };
}

function progress(io: TaskIo): OnProgress {
  return ({ done, total, message }) => io.note(`verify ${done + 1}/${total}: ${message}`);
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
