import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { deployFresh, freshPrograms, freshStatus } from "../../../src/aleo/state/clean-slate.ts";
import { action, type TaskIo, type TaskResult } from "../../support/task.ts";
import { parseUnsigned, readInput } from "../../support/values.ts";
import { PROGRAMS } from "../support/programs.ts";
import { confirmAleo, openAleoSession } from "../support/session.ts";
import { clientFor, type SendArguments } from "./support.ts";

interface CleanSlateArguments extends SendArguments {
  readonly as: string | undefined;
}

/** Deploys the committed programs afresh. */
export async function cleanSlate(
  args: CleanSlateArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const version = args.as === undefined ? undefined : Number(parseUnsigned("--as", args.as, 16));
  const sources = PROGRAMS.map(({ folder }) => readInput(folder, join(folder, "build", "main.aleo")));
  const programs = freshPrograms(sources, version);
  const session = await openAleoSession(args);
  const client = await clientFor(session, args);
  const absent: string[] = [];
  for (const program of programs) {
    if ((await freshStatus(session.ledger, program, client.address)) === "absent") absent.push(program.id);
  }
  const ids = programs.map(({ id }) => id);
  const data = { network: session.network, programs: ids, admin: client.address };
  if (args.dryRun) {
    const lines =
      absent.length === 0
        ? ["Dry run: nothing is missing"]
        : absent.map((id) => `Dry run: would deploy ${id}`);
    return { data: { status: "simulated", ...data, missing: absent }, lines };
  }
  if (absent.length > 0) await confirmAleo(session, `Deploying ${absent.join(" and ")}`, args.confirm, io);
  const deployed = await deployFresh(client, programs, io.note);
  return {
    data: { status: deployed.length === 0 ? "already" : "deployed", ...data, deployed },
    lines: [
      `Fresh on ${session.network}: ${ids.join(" and ")}, admin ${client.address}`,
      `Next: npx hardhat aleo state restore --state FILE --registry ${ids[0]} --verifier ${ids[1]}, or`,
      `      npx hardhat aleo state migrate --to ${ids[0]} --salts FILE --verify`,
    ],
  };
}

export default action(cleanSlate);
