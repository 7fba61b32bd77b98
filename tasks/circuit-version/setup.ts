import type { Chain } from "../../src/chain/network.ts";
import { InputError } from "../../src/core/errors.ts";
import {
  assertDeployable,
  DEVELOPMENT_PTAU,
  exportVerificationKey,
  readTranscript,
  requireSound,
  type SolidityVerifyingKey,
  toSolidity,
  type VerifyRequest,
  verificationKeyHash,
} from "../../src/setup/index.ts";
import { chosenSetup, currentCircuit } from "../support/setup.ts";
import type { TaskIo } from "../support/task.ts";

/** Which setup a circuit verifier is made from. */
export interface SetupArguments {
  /** Folder that `ceremony export` wrote. */
  readonly setup?: string | undefined;
  readonly ptau: string | undefined;
  readonly zkey: string | undefined;
  readonly transcript: string | undefined;
  readonly allowDevelopmentSetup: boolean;
}

/** A verifying key that may be deployed. */
export interface ChosenKey {
  readonly verifyingKey: SolidityVerifyingKey;
  readonly hash: string;
}

/**
 * The key of the setup made or exported here, or of a proving key that was brought with its transcript: brought files are
 * believed nothing, and are verified from scratch. On a public network so is our own.
 *
 * @param isDeployed Whether the key with this hash was deployed from here before: then it was verified before.
 * @throws RefusedError for a development setup on a public network; CheckError when the setup does not hold.
 */
export async function chooseKey(
  args: SetupArguments,
  chain: Chain,
  io: TaskIo,
  isDeployed: (hash: string) => boolean = () => false,
): Promise<ChosenKey> {
  const { zkey, transcript, ptau } = args;
  if ((zkey === undefined) !== (transcript === undefined)) {
    const missing = zkey === undefined ? "--zkey" : "--transcript";
    throw InputError.expected(missing, "a file: proving key and transcript are both needed", undefined);
  }
  if (args.setup !== undefined && zkey !== undefined) {
    throw InputError.expected("--setup", "no folder when --zkey and --transcript are given", args.setup);
  }
  if (zkey === undefined || transcript === undefined) {
    const own = await chosenSetup(io, { setup: args.setup, ptau });
    const key = { verifyingKey: own.verifyingKey, hash: own.verificationKeyHash };
    judge(own.transcript, args, chain, io);
    if (chain.isPublic && !isDeployed(key.hash)) await verify({ ...own, transcript: own.transcriptFile }, io);
    return key;
  }
  const read = await readTranscript(transcript);
  judge(read, args, chain, io);
  const verifyingKey = toSolidity(await exportVerificationKey(zkey));
  const hash = verificationKeyHash(verifyingKey);
  if (!isDeployed(hash)) {
    const { r1cs } = await currentCircuit(io);
    await verify({ r1cs, ptau: ptau ?? DEVELOPMENT_PTAU, zkey, transcript }, io);
  }
  return { verifyingKey, hash };
}

function judge(
  transcript: Parameters<typeof assertDeployable>[0]["transcript"],
  { allowDevelopmentSetup }: SetupArguments,
  { chainId, isPublic }: Chain,
  io: TaskIo,
): void {
  const network = { chainId, isPublic };
  for (const remark of assertDeployable({ transcript, network, allowDevelopmentSetup })) io.note(remark);
}

async function verify({ r1cs, ptau, zkey, transcript }: VerifyRequest, io: TaskIo): Promise<void> {
  await requireSound({
    r1cs,
    ...(ptau === undefined ? {} : { ptau }),
    zkey,
    transcript,
    onProgress: ({ done, total, message }) => io.note(`verify ${done + 1}/${total}: ${message}`),
  });
}
