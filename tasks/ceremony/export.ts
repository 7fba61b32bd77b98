import { resolve } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { ceremonyFolder, exportCeremony, warnOfOrigin } from "../../src/setup/ceremony/index.ts";
import { describeContributors } from "../../src/setup/index.ts";
import { currentCircuit } from "../support/setup.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";

export interface ExportArguments {
  readonly ceremony: string | undefined;
  readonly out: string | undefined;
  readonly keys: string | undefined;
  readonly circuit: string | undefined;
  readonly ptau: string | undefined;
  readonly zkey: string | undefined;
}

/** Writes a finished ceremony in the form that deploying and proving take. */
export async function exportSetup(
  args: ExportArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const folder = ceremonyFolder(required("ceremony", args.ceremony, "a name or a path"));
  const to = resolve(required("out", args.out, "a folder to make"));
  const circuit = await currentCircuit(io, args.circuit);
  io.note("checking the final key against the records");
  const { keys, zkey, ptau } = args;
  const { transcript, verificationKeyHash } = await exportCeremony({ folder, keys, zkey, ptau, circuit, to });
  return {
    data: { folder: to, verificationKeyHash, transcript },
    lines: [
      `Exported to ${to}: final.zkey, verification_key.json, transcript.json`,
      `  verification key hash  ${verificationKeyHash}`,
      `  ${describeContributors(transcript.contributions.length - 1)}`,
      ...warnOfOrigin(transcript.ptau.label),
      `  deploy it with npx hardhat deploy --setup ${args.out}`,
    ],
  };
}

export default action(exportSetup);
