import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { activateCircuitVersion } from "../../src/chain/changes/index.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { type TimelockArguments, throughTimelock } from "../support/through-timelock.ts";
import { parseUnsigned } from "../support/values.ts";

export interface ActivateArguments extends TimelockArguments {
  readonly circuitVersion: string | undefined;
}

/** Activates a circuit version through the timelock. */
export async function activate(
  args: ActivateArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const version = Number(
    parseUnsigned(
      "--circuit-version",
      required("circuit-version", args.circuitVersion, "a circuit version"),
      32,
    ),
  );
  const session = await openDeployedSession(hre);
  return throughTimelock({ hre, session, args, io }, (context) => activateCircuitVersion(context, version), {
    version,
  });
}

export default action(activate);
