import { setTimeout as pause } from "node:timers/promises";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { ObservedTransaction } from "../../src/aleo/activity.ts";
import { requireAddress } from "../../src/aleo/ledger.ts";
import { stringifyJson } from "../../src/core/json.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { chosenPrograms } from "./support/programs.ts";
import { rangeText, readBlocks, type ScanArguments, scan } from "./support/scan.ts";
import { type AleoArguments, type AleoSession, openAleoSession } from "./support/session.ts";

export interface ActivityArguments extends AleoArguments, ScanArguments {
  readonly program: string | undefined;
  readonly function: string | undefined;
  readonly payer: string | undefined;
  readonly rejected: boolean;
  readonly watch: boolean;
  readonly json: boolean;
}

/** Between two looks at the ledger with `--watch`; a block takes about three seconds. */
const LOOK = 1_000;

/** Lists transactions of the programs; with `--watch` it goes on until it is interrupted. */
export async function activity(
  args: ActivityArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  if (args.payer !== undefined) requireAddress(args.payer);
  const programs = chosenPrograms(args.program).map(({ id }) => id);
  const session = await openAleoSession(args);
  const { from, to, transactions } = await scan(session, args, programs, io);
  const wanted = transactions.filter((each) => isWanted(each, args));
  const lines = [
    `${wanted.length} transactions of ${programs.join(" and ")} in ${rangeText({ from, to })} of ${session.network}`,
    ...wanted.map(transactionLine),
  ];
  if (args.watch) {
    print(args, wanted, lines);
    await follow(session, to, programs, args, io);
  }
  return {
    data: { network: session.network, from, to: to - 1, programs, transactions: wanted.map(plain) },
    lines,
  };
}

/** While it watches, JSON is one object a line: there is no end at which an array could be closed. */
function print(
  { json }: ActivityArguments,
  transactions: readonly ObservedTransaction[],
  lines: readonly string[],
): void {
  const shown = json ? transactions.map((each) => stringifyJson(plain(each))) : lines;
  if (shown.length > 0) console.log(shown.join("\n"));
}

/** One transaction for a reader. */
function transactionLine({ height, time, accepted, calls, payer, fee, id }: ObservedTransaction): string {
  const when = new Date(time * 1000).toISOString().replace(".000Z", "Z");
  const called = calls.map(({ program, function: name }) => `${program}/${name}`).join(", ");
  const verdict = accepted ? "accepted" : "REJECTED";
  return `${String(height).padStart(8)}  ${when}  ${verdict}  ${called}  by ${payer ?? "a private payer"}  ${fee} µ  ${id}`;
}

/** One transaction for `--json`; inputs are in the block for whoever wants them. */
function plain({ calls, ...transaction }: ObservedTransaction) {
  return { ...transaction, calls: calls.map(({ program, function: name }) => ({ program, function: name })) };
}

function isWanted(
  { accepted, payer, calls }: ObservedTransaction,
  args: Pick<ActivityArguments, "function" | "payer" | "rejected">,
): boolean {
  if (args.rejected && accepted) return false;
  if (args.payer !== undefined && payer !== args.payer) return false;
  return args.function === undefined || calls.some((call) => call.function === args.function);
}

async function follow(
  session: AleoSession,
  from: number,
  programs: readonly string[],
  args: ActivityArguments,
  io: TaskIo,
): Promise<never> {
  io.note("waiting for new blocks; interrupt to end");
  for (let next = from; ; ) {
    await pause(LOOK);
    const to = (await session.ledger.height()) + 1;
    const found = await readBlocks(session, { from: next, to, programs }, io);
    next = Math.max(next, to);
    const wanted = found.filter((each) => isWanted(each, args));
    print(args, wanted, wanted.map(transactionLine));
  }
}

export default action(activity);
