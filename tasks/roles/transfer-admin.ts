import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { ADMINISTERED, cancelAdminTransfer, transferAdmin } from "../../src/chain/changes/index.ts";
import { InputError } from "../../src/core/errors.ts";
import type { ActArguments } from "../support/act.ts";
import { type Build, carryOut } from "../support/carry-out.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { parseAddress } from "../support/values.ts";

export interface TransferArguments extends ActArguments {
  readonly to: string | undefined;
  readonly cancel: boolean;
}

/** Begins, or takes back, the transfer of both contracts' default admin. */
export async function transfer(
  args: TransferArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const builds = buildsFor(args);
  const session = await openDeployedSession(hre);
  const { status, result } = await carryOut({ hre, session, args, io }, builds);
  if (status !== "sent" || args.cancel) return result;
  const lines = [
    "  the timelock's proposer, executor and canceller do not follow: docs/admin.md, handing the admin over",
    `  accepted after the delay: npx hardhat roles accept-admin --network ${session.chain.network} --key …`,
  ];
  return { ...result, lines: [...result.lines, ...lines] };
}

function buildsFor({ to, cancel }: TransferArguments): Build[] {
  if ((to === undefined) === !cancel) {
    throw InputError.expected("--to", "the new admin's address, or --cancel and no address", to);
  }
  if (to === undefined)
    return ADMINISTERED.map((contract) => (context) => cancelAdminTransfer(context, contract));
  const newAdmin = parseAddress("--to", to);
  return ADMINISTERED.map((contract) => (context) => transferAdmin(context, contract, newAdmin));
}

export default action(transfer);
