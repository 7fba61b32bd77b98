import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { acceptContribution, ceremonyFolder, parseContribution } from "../../src/setup/ceremony/index.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { readInput } from "../support/values.ts";
import { told } from "./contribute.ts";

export interface AcceptArguments {
  readonly ceremony: string | undefined;
  readonly in: string | undefined;
  readonly attestation: string | undefined;
  readonly keys: string | undefined;
  readonly ptau: string | undefined;
}

/** Takes a contribution that came as files. */
export async function accept(
  args: AcceptArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const folder = ceremonyFolder(required("ceremony", args.ceremony, "a name or a path"));
  const file = required("attestation", args.attestation, "the contributor's signed record");
  const attestation = readInput("--attestation", file);
  const zkey = required("in", args.in, "the contributor's new proving key");
  io.note("checking the contribution: signature, place, file, chain");
  await acceptContribution({ folder, keys: args.keys, ptau: args.ptau, attestation, zkey });
  return told(parseContribution(file, attestation), [`  accepted     ${folder}`]);
}

export default action(accept);
