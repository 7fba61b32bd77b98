import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { ADMINISTERED, acceptAdmin } from "../../src/chain/changes/index.ts";
import { updateDeployment } from "../../src/chain/deployment-lock.ts";
import { type ActArguments, addressOf } from "../support/act.ts";
import { type Build, carryOut } from "../support/carry-out.ts";
import { type DeployedSession, openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { parseAddress } from "../support/values.ts";

export interface AcceptArguments extends ActArguments {
  readonly account: string | undefined;
}

/** Accepts the default admin of both contracts, and notes the new admin in the deployment file. */
export async function accept(
  args: AcceptArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const given = args.account ?? args.from ?? (args.key === undefined ? undefined : await addressOf(args.key));
  const newAdmin = parseAddress("--account", required("account", given, "the new admin's address, or --key"));
  const session = await openDeployedSession(hre);
  const builds = ADMINISTERED.map(
    (contract): Build =>
      (context) =>
        acceptAdmin(context, contract, newAdmin),
  );
  const { status, result } = await carryOut({ hre, session, args, io }, builds, { data: { newAdmin } });
  if (status === "sent" || status === "already") await noteAdmin(session, newAdmin);
  return result;
}

/** From here on `deployment verify` expects the new admin, with the timelock's roles too. */
async function noteAdmin({ chain, deployment }: DeployedSession, admin: string): Promise<void> {
  if (deployment.settings.admin === admin) return;
  await updateDeployment(chain, ({ settings }) => {
    settings.admin = admin;
    return true;
  });
}

export default action(accept);
