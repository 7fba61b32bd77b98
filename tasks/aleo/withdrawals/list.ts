import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { credits } from "../../../src/aleo/client.ts";
import type { Withdrawal } from "../../../src/aleo/withdrawals.ts";
import { action, type TaskIo, type TaskResult } from "../../support/task.ts";
import { heightText, secondsABlock } from "../support/administration.ts";
import { type AleoArguments, openAleoSession } from "../support/session.ts";
import { readWithdrawals } from "./read.ts";

interface ListArguments extends AleoArguments {
  readonly fromBlock: string | undefined;
}

/** Lists the withdrawals that the registry holds, those first that can be paid first. */
export async function listWithdrawals(
  args: ListArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const session = await openAleoSession(args);
  const { fromBlock, height, withdrawals } = await readWithdrawals(session, args.fromBlock, io);
  const pace = await secondsABlock(session.ledger);
  const sum = withdrawals.reduce((total, { amount }) => total + amount, 0n);
  const ready = withdrawals.filter(({ state }) => state === "ready");
  return {
    data: { network: session.network, fromBlock, height, withdrawals },
    lines: [
      `${withdrawals.length} withdrawals of ${credits(sum)} at height ${height} of ${session.network}, ${ready.length} ready`,
      ...withdrawals.map((each) => withdrawalLine(each, height, pace)),
      ...(ready.length > 0 ? ["Next: npx hardhat aleo withdrawals process --key …"] : []),
    ],
  };
}

function withdrawalLine(
  { ticket, agent, owner, amount, readyAt, state, frozenUntil }: Withdrawal,
  height: number,
  pace: number,
): string {
  const when = {
    ready: "ready",
    waiting: `from ${heightText(readyAt, height, pace)}`,
    frozen: `FROZEN by a slash of its agent, until ${heightText((frozenUntil ?? 0) + 1, height, pace)} at the latest`,
  }[state];
  return `  ${ticket}  ${credits(amount)} to ${owner}, of agent ${agent}: ${when}`;
}

export default action(listWithdrawals);
