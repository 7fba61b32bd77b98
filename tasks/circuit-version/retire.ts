import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { retireCircuitVersion } from "../../src/chain/changes/index.ts";
import { InputError } from "../../src/core/errors.ts";
import type { ActArguments } from "../support/act.ts";
import { type Build, carryOut } from "../support/carry-out.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { parseUnsigned } from "../support/values.ts";

export interface RetireArguments extends ActArguments {
  readonly circuitVersion: string | undefined;
  readonly as: string | undefined;
}

/** Retires a circuit version. */
export async function retire(
  args: RetireArguments,
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
  const { as } = args;
  if (as !== "superseded" && as !== "broken") {
    throw InputError.expected("--as", "superseded or broken", as);
  }
  const session = await openDeployedSession(hre);
  const build: Build = (context) => retireCircuitVersion(context, version, as);
  return (await carryOut({ hre, session, args, io }, [build], { data: { version, as } })).result;
}

export default action(retire);
