import { relative } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { warnOfOrigin } from "../../src/setup/ceremony/index.ts";
import { currentSetup } from "../support/setup.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";

export interface SetupArguments {
  readonly ptau: string | undefined;
  readonly trustUnknownPtau: boolean;
}

/** Compiles the circuit and runs phase 2, or finds both. */
export async function runSetup(
  args: SetupArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const setup = await currentSetup(io, args);
  const { circuit, development, constraints, verificationKeyHash, cached } = setup;
  const zkey = relative(".", setup.zkey);
  const transcript = relative(".", setup.transcriptFile);
  const data = { circuit, development, constraints, zkey, transcript, verificationKeyHash, cached };
  const { ptau } = setup.transcript;
  const lines = [
    `Setup of ${circuit} (${constraints} constraints)${cached ? ", made before" : ""}`,
    `  powers of tau          ${ptau.name} (${ptau.label})`,
    `  proving key            ${zkey}`,
    `  transcript             ${transcript}`,
    `  verification key hash  ${verificationKeyHash}`,
    ...warnOfOrigin(ptau.label),
  ];
  return { data, lines };
}

export default action(runSetup);
