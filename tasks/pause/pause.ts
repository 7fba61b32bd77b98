import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { chainTime, pause } from "../../src/chain/changes/index.ts";
import { connect } from "../../src/chain/contracts.ts";
import type { ActArguments } from "../support/act.ts";
import { type Build, carryOut } from "../support/carry-out.ts";
import { type DeployedSession, openDeployedSession } from "../support/session.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";

export interface PauseArguments extends ActArguments {
  readonly renew: boolean;
}

/** Pauses attesting. */
export async function pauseAttesting(
  args: PauseArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const session = await openDeployedSession(hre);
  const build: Build = (context) => pause(context, { renew: args.renew });
  const { status, result } = await carryOut({ hre, session, args, io }, [build]);
  return status === "already" && !args.renew ? withWhatIsLeft(session, result) : result;
}

/** "Already so" must not be taken for another 30 days: what runs may end in an hour. */
async function withWhatIsLeft(session: DeployedSession, result: TaskResult): Promise<TaskResult> {
  const { provider, deployment, chain } = session;
  const until = await connect(deployment, provider).verifier.pausedUntil();
  const now = await chainTime(provider);
  const secondsLeft = until > now ? until - now : 0n;
  return {
    ...result,
    data: { ...result.data, secondsLeft },
    lines: [
      ...result.lines,
      `  ${lasting(secondsLeft)} left, and it is not longer now`,
      `  for 30 days from now (admin): npx hardhat pause --renew --network ${chain.network} …`,
    ],
  };
}

/** Seconds for a reader, e.g. `6 d 23 h 59 min`. */
function lasting(seconds: bigint): string {
  const minutes = seconds / 60n;
  return `${minutes / 1440n} d ${(minutes / 60n) % 24n} h ${minutes % 60n} min`;
}

export default action(pauseAttesting);
