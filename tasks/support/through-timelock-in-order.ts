import type { Change, Expectation } from "../../src/chain/change.ts";
import {
  type ChangeContext,
  chainTime,
  type Operation,
  operationState,
  schedule,
  waitingOperation,
} from "../../src/chain/changes/index.ts";
import { CheckError } from "../../src/core/errors.ts";
import { carryOut } from "./carry-out.ts";
import { type Fork, forkOf } from "./fork.ts";
import type { TaskResult } from "./task.ts";
import {
  contextOf,
  executeOnFork,
  executeOperation,
  type TimelockWork,
  throughTimelock,
} from "./through-timelock.ts";
import { parseUnsigned } from "./values.ts";

/** Makes the changes that are left, from the chain as it is; at least one, in the order in which they must be made. */
export type BuildInOrder = (context: ChangeContext) => Promise<readonly Change[]>;

/**
 * {@link throughTimelock} for what takes several operations that only go through in order. All are scheduled at once, so
 * that their delays pass together, and executed one after the other. Run again after any of that, it goes on with what
 * is left. The order is the contract's to keep: whoever executes one too early is refused by it, and nothing is lost.
 *
 * @param data Fields for `--json` besides those of the steps.
 */
export async function throughTimelockInOrder(
  work: TimelockWork,
  build: BuildInOrder,
  data: object = {},
): Promise<TaskResult> {
  const context = contextOf(work);
  const changes = await build(context);
  if (changes.length < 2) {
    return throughTimelock(work, async (now) => (await build(now))[0] as Change, data);
  }
  const waiting = await Promise.all(
    changes.map((change) => waitingOperation(context, change, delayOf(work))),
  );
  const missing = changes.filter((_, index) => waiting[index] === undefined);
  if (missing.length > 0) {
    const scheduled = await scheduleAll(work, changes, missing, data);
    if (scheduled.status !== "sent" || !work.args.wait) return scheduled.result;
    for (const line of scheduled.result.lines) work.io.note(line);
  }
  if (!work.args.dryRun) return executeAll(work, changes, data);
  const fork = await forkOf(work.hre, work.session);
  try {
    return await executeAll({ ...work, fork }, changes, data);
  } finally {
    await fork.close();
  }
}

async function scheduleAll(
  work: TimelockWork,
  changes: readonly Change[],
  missing: readonly Change[],
  data: object,
) {
  const { session } = work;
  const delay = delayOf(work);
  const context = contextOf(work);
  const schedulings = await Promise.all(missing.map((change) => schedule(context, change, delay)));
  const operationIds = schedulings.map(({ operationId }) => operationId);
  const { status, result } = await carryOut(
    work,
    missing.map((change) => async (now) => (await schedule(now, change, delay)).change),
    {
      data: { ...data, operationIds, delay: schedulings[0]?.delay },
      rehearse: (fork) => rehearse(work, fork, changes),
    },
  );
  if (status !== "sent") return { status, result };
  const next = `  then: the same command again; on ${session.chain.network} it executes all ${changes.length} in order`;
  return { status, result: { ...result, lines: [...result.lines, next] } };
}

/** Executes what is ready, in order, up to the first that waits or that somebody else has to send. */
async function executeAll(work: TimelockWork, changes: readonly Change[], data: object): Promise<TaskResult> {
  const results: TaskResult[] = [];
  for (const change of changes) {
    const operation = await waitingOf(work, contextOf(work), change);
    const result = await executeOperation(work, operation, data);
    results.push(result);
    const { status } = result.data as { readonly status?: string };
    if (status === "waiting" || status === "unsigned") break;
  }
  const left = changes.length - results.length;
  const lines = results.flatMap((result) => result.lines);
  if (left > 0) lines.push(`  ${left} more after it, in order: run the same command again then`);
  return { data: { ...results.at(-1)?.data, steps: results.map((result) => result.data), left }, lines };
}

async function waitingOf(work: TimelockWork, context: ChangeContext, change: Change): Promise<Operation> {
  const operation = await waitingOperation(context, change, delayOf(work));
  if (operation !== undefined) return operation;
  throw new CheckError(`not scheduled any more: ${change.call.description}`, {
    next: "somebody cancelled it: run the same command again to schedule it anew",
  });
}

/** On the fork the delays pass at once: all of it is shown to work when its time comes, in order. */
async function rehearse(
  work: TimelockWork,
  fork: Fork,
  changes: readonly Change[],
): Promise<readonly Expectation[]> {
  const { session, io } = work;
  const context: ChangeContext = { provider: fork.provider, deployment: session.deployment };
  const changed: Expectation[] = [];
  for (const change of changes) {
    const operation = await waitingOf(work, context, change);
    const state = await operationState(context, operation.id);
    if (state.name === "waiting") {
      const left = state.readyAt - (await chainTime(fork.provider));
      io.note(`letting ${left} s pass on the fork, and executing …`);
      await fork.passTime(left > 0n ? left : 0n);
    }
    changed.push(...(await executeOnFork(fork, context, operation)));
  }
  return changed;
}

/** Seconds that each step was told to wait; the timelock's shortest unless given. */
function delayOf({ args: { delay } }: TimelockWork): bigint | undefined {
  return delay === undefined ? undefined : parseUnsigned("--delay", delay, 32);
}
