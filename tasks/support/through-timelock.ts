import { applyChange, type Expectation } from "../../src/chain/change.ts";
import {
  type ChangeContext,
  chainTime,
  execute,
  type Operation,
  operationState,
  schedule,
  stateText,
  waitingOperation,
  waitUntilReady,
} from "../../src/chain/changes/index.ts";
import type { ActArguments } from "./act.ts";
import { type Build, type CarriedOut, carryOut, type Work } from "./carry-out.ts";
import { type Fork, forkOf } from "./fork.ts";
import type { TaskResult } from "./task.ts";
import { parseUnsigned } from "./values.ts";

/** Options of what goes through the timelock. */
export interface TimelockArguments extends ActArguments {
  /** Seconds; the timelock's shortest unless given. */
  readonly delay: string | undefined;
  /** Waits for the delay and executes, in the same run. */
  readonly wait: boolean;
}

export interface TimelockWork extends Work {
  readonly args: TimelockArguments;
}

/** Executing needs no delay of its own. */
export interface ExecuteWork extends Work {
  readonly args: Omit<TimelockArguments, "delay">;
}

/**
 * Takes a change that only the timelock may make one step further: schedules it, says how long it still waits, or
 * executes it. Run again, it goes on where it is; with `--wait` it goes to the end.
 *
 * @param data Fields for `--json` besides those of the step.
 */
export async function throughTimelock(
  work: TimelockWork,
  build: Build,
  data: object = {},
): Promise<TaskResult> {
  const context = contextOf(work);
  const inner = await build(context);
  // Nothing to schedule: carrying it out says that it is so.
  if (inner.already()) return (await carryOut(work, [build], { data })).result;
  const delay = work.args.delay === undefined ? undefined : parseUnsigned("--delay", work.args.delay, 32);
  const waiting = await waitingOperation(context, inner, delay);
  if (waiting !== undefined) return executeOperation(work, waiting, data);
  const scheduling = await schedule(context, inner, delay);
  const id = scheduling.operationId;
  const scheduled = await carryOut(
    work,
    [async (now) => (await schedule(now, await build(now), delay)).change],
    {
      data: { ...data, operationId: id, delay: scheduling.delay },
      rehearse: (fork) => rehearse(work, fork, build, scheduling.delay),
    },
  );
  if (scheduled.status !== "sent") return scheduled.result;
  if (!work.args.wait) return withNext(scheduled, id, work.session.chain.network);
  const operation = await waitingOperation(context, inner, delay);
  if (operation === undefined) return scheduled.result;
  for (const line of scheduled.result.lines) work.io.note(line);
  return executeOperation(work, operation, data);
}

/** Waits if that is asked for, then executes; says how long it still takes otherwise. */
export async function executeOperation(
  work: ExecuteWork,
  operation: Operation,
  data: object = {},
): Promise<TaskResult> {
  const context = contextOf(work);
  const { id } = operation;
  const state = await operationState(context, id);
  if (state.name === "waiting") {
    if (work.args.dryRun) return rehearseExecution(work, operation, state.readyAt, data);
    if (!work.args.wait) return stillWaiting(operation, stateText(state), work.session.chain.network, data);
    await waitUntilReady(context, id, work.io.note);
  }
  const outcome = await carryOut(work, [(now) => execute(now, operation)], {
    data: { ...data, operationId: id },
  });
  return outcome.result;
}

/** A dry run of what still waits: on the fork its time comes at once. */
async function rehearseExecution(
  work: ExecuteWork,
  operation: Operation,
  readyAt: bigint,
  data: object,
): Promise<TaskResult> {
  const fork = work.fork ?? (await forkOf(work.hre, work.session));
  try {
    const left = readyAt - (await chainTime(fork.provider));
    work.io.note(`letting the ${left} s that are left pass on the fork …`);
    await fork.passTime(left > 0n ? left : 0n);
    const build: Build = (now) => execute(now, operation);
    const outcome = await carryOut({ ...work, fork }, [build], {
      data: { ...data, operationId: operation.id },
    });
    return outcome.result;
  } finally {
    if (work.fork === undefined) await fork.close();
  }
}

function stillWaiting(operation: Operation, state: string, network: string, data: object): TaskResult {
  const { id } = operation;
  return {
    data: { ...data, status: "waiting", operationId: id, state: operation.state },
    lines: [
      `Scheduled already, nothing sent: operation ${id} is ${state}`,
      `  run it again then, or now with --wait; to stop it: npx hardhat upgrade cancel --network ${network} --operation ${id.slice(0, 10)} …`,
    ],
  };
}

function withNext({ result }: CarriedOut, id: string, network: string): TaskResult {
  const next = `  then: npx hardhat upgrade execute --network ${network} --operation ${id.slice(0, 10)} …`;
  return { ...result, lines: [...result.lines, next] };
}

/** On the fork the delay passes at once: what is scheduled today is shown to work when its time comes. */
async function rehearse(
  { session, io }: TimelockWork,
  fork: Fork,
  build: Build,
  delay: bigint,
): Promise<readonly Expectation[]> {
  io.note(`letting ${delay} s pass on the fork, and executing …`);
  await fork.passTime(delay);
  const context: ChangeContext = { provider: fork.provider, deployment: session.deployment };
  const operation = await waitingOperation(context, await build(context), delay);
  return operation === undefined ? [] : executeOnFork(fork, context, operation);
}

/** Executes on the fork as whoever may; the operation's delay must be over there. */
export async function executeOnFork(
  fork: Fork,
  context: ChangeContext,
  operation: Operation,
): Promise<readonly Expectation[]> {
  const change = await execute(context, operation);
  const [executor] = change.sender.accounts;
  if (executor === undefined) return [];
  const applied = await applyChange(await fork.impersonate(executor), change);
  return applied?.changed ?? [];
}

/** The chain that is worked on: the fork when there is one. */
export function contextOf({ session, fork }: Work): ChangeContext {
  return { provider: fork?.provider ?? session.provider, deployment: session.deployment };
}
