import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { credits } from "../../../src/aleo/client.ts";
import { processInputs, WITHDRAWALS_A_CALL, type Withdrawal } from "../../../src/aleo/withdrawals.ts";
import { InputError } from "../../../src/core/errors.ts";
import { action, type TaskIo, type TaskResult } from "../../support/task.ts";
import { type AleoActArguments, type AleoChange, carryOut } from "../support/carry-out.ts";
import { REGISTRY } from "../support/programs.ts";
import { openAleoSession } from "../support/session.ts";
import { readWithdrawals } from "./read.ts";

interface ProcessArguments extends AleoActArguments {
  readonly fromBlock: string | undefined;
  readonly batchSize: string | undefined;
}

/** Pays what is ready, five tickets a transaction. What was paid meanwhile is gone from the ledger, so it can be repeated. */
export async function processWithdrawals(
  args: ProcessArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const most = parseBatchSize(args.batchSize);
  const session = await openAleoSession(args);
  const { withdrawals } = await readWithdrawals(session, args.fromBlock, io);
  const ready = withdrawals.filter(({ state }) => state === "ready");
  const paid = ready.slice(0, most);
  const changes: AleoChange[] = [];
  for (let start = 0; start < paid.length; start += WITHDRAWALS_A_CALL) {
    changes.push(changeFor(paid.slice(start, start + WITHDRAWALS_A_CALL)));
  }
  const left = { ready: ready.length - paid.length, waiting: withdrawals.length - ready.length };
  const { result } = await carryOut({ session, args, io }, changes, { left });
  const line = `  left: ${left.ready} ready, ${left.waiting} not ready yet`;
  return { ...result, lines: [...result.lines, line] };
}

function changeFor(batch: readonly Withdrawal[]): AleoChange {
  const sum = batch.reduce((total, { amount }) => total + amount, 0n);
  return {
    description: `pay ${batch.length} withdrawals, ${credits(sum)}`,
    program: REGISTRY.id,
    function: "process_withdrawals",
    inputs: processInputs(batch),
    shown: batch.map(({ ticket, owner, amount }) => `ticket ${ticket}: ${amount} microcredits to ${owner}`),
  };
}

function parseBatchSize(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw InputError.expected("--batch-size", "a number of withdrawals from 1 to 9999", text);
}

export default action(processWithdrawals);
