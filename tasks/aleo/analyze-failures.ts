import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { ObservedTransaction } from "../../src/aleo/activity.ts";
import { explainByLedger, explainByReplay, type Failure, groupFailures } from "../../src/aleo/failures.ts";
import { InputError } from "../../src/core/errors.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { chosenPrograms, PROGRAMS } from "./support/programs.ts";
import { rangeText, type ScanArguments, scan } from "./support/scan.ts";
import { type AleoArguments, type AleoSession, openAleoSession } from "./support/session.ts";

interface AnalyzeArguments extends AleoArguments, ScanArguments {
  readonly program: string | undefined;
  readonly lastHour: boolean;
}

/** Some 15 minutes of reading a public node; beyond it the reasons come from the ledger as it is now. */
const MOST_BLOCKS = 20_000;

/** Groups what the ledger rejected. */
export async function analyzeFailures(
  args: AnalyzeArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  if (args.lastHour && (args.last !== undefined || args.fromBlock !== undefined)) {
    throw InputError.expected("--last-hour", "no --last and no --from-block beside it", true);
  }
  const programs = chosenPrograms(args.program).map(({ id }) => id);
  const session = await openAleoSession(args);
  const { from, to, transactions } = await scan(session, args, programs, io);
  const rejected = transactions.filter(({ accepted }) => !accepted);
  const failures = rejected.length === 0 ? [] : await explain(session, rejected, io);
  const groups = groupFailures(failures);
  return {
    data: {
      network: session.network,
      from,
      to: to - 1,
      transactions: transactions.length,
      rejected: rejected.length,
      groups,
      failures: failures.map(({ transaction: { id, height, payer }, ...failure }) => ({
        id,
        height,
        payer,
        ...failure,
      })),
    },
    lines: [
      `${rejected.length} of ${transactions.length} transactions were rejected in ${rangeText({ from, to })} of ${session.network}`,
      ...groups.flatMap(({ count, function: name, reason, latest }) => [
        `${String(count).padStart(6)}  ${name}: ${reason}`,
        `        latest ${latest}`,
      ]),
      ...basisLines(failures),
    ],
  };
}

async function explain(
  session: AleoSession,
  rejected: readonly ObservedTransaction[],
  io: TaskIo,
): Promise<Failure[]> {
  const newest = rejected.at(-1)?.height ?? 0;
  const first = await firstDeployment(session);
  if (first === undefined || newest - first > MOST_BLOCKS) return explainByLedger(rejected, session.ledger);
  io.note(`replaying the programs from block ${first} to ${newest} for the reasons …`);
  let said = Date.now();
  return explainByReplay(rejected, {
    programs: PROGRAMS.map(({ id }) => id),
    blocks: session.ledger.blocks(first, newest),
    onBlock: (height) => {
      if (Date.now() - said < 5_000) return;
      said = Date.now();
      io.note(`replayed up to block ${height} of ${newest} …`);
    },
  });
}

/** Height of the first deployment of either program. */
async function firstDeployment({ ledger }: AleoSession): Promise<number | undefined> {
  const heights: number[] = [];
  for (const { id } of PROGRAMS) {
    const transaction = await ledger.deploymentOf(id);
    const height = transaction === undefined ? undefined : (await ledger.confirmation(transaction))?.height;
    if (height !== undefined) heights.push(height);
  }
  return heights.length === 0 ? undefined : Math.min(...heights);
}

function basisLines(failures: readonly Failure[]): string[] {
  if (!failures.some(({ basis }) => basis === "the state now")) return [];
  return [
    "  reasons are by the ledger as it is now, for the programs are too old to be replayed; it may have changed since",
  ];
}

export default action(analyzeFailures);
