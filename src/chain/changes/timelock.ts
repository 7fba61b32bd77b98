import { type Provider, toBeHex, ZeroAddress, ZeroHash } from "ethers";
import { CheckError, InputError, RefusedError } from "../../core/errors.ts";
import { type Aspect, type Change, makeChange, type Sender, TIMELOCK, withConsequences } from "../change.ts";
import {
  type ChangeContext,
  callOf,
  chainTime,
  contractsOf,
  holdsRole,
  roleSender,
  timeText,
} from "./context.ts";
import { decodeCall, decodeChange } from "./decode.ts";
import {
  type Operation,
  type OperationCall,
  type OperationState,
  operationId,
  operationState,
  stateText,
} from "./operations.ts";

/** A change scheduled, or to be scheduled, as an operation of one call. */
export interface Scheduling {
  readonly change: Change;
  /** Id of the operation that is made, or that waits already. */
  readonly operationId: string;
  /** Seconds it waits. */
  readonly delay: bigint;
}

/**
 * Schedules what only the timelock may send. The salt counts how often the very same call was executed before, so
 * running it again finds the waiting operation instead of making a second one.
 *
 * @param delay Seconds to wait; the timelock's shortest unless given.
 * @throws InputError for a change that does not go through the timelock, or a delay below its shortest; RefusedError
 *   when the very same call waits for much longer than that.
 */
export async function schedule(context: ChangeContext, inner: Change, delay?: bigint): Promise<Scheduling> {
  if (inner.sender.as !== TIMELOCK) {
    throw InputError.expected("change", "one that only the timelock may make", inner.call.description);
  }
  const least = await contractsOf(context, context.provider).timelock.getMinDelay();
  const wait = delay ?? least;
  if (wait < least) throw InputError.expected("delay", `at least the timelock's ${least} s`, wait);
  const { id, salt } = await openOperation(context, inner);
  await requireSoon(context, id, wait);
  const { to, data, description, signature, args } = inner.call;
  const call = callOf(
    context,
    "timelock",
    "schedule",
    [to, 0, data, ZeroHash, salt, wait],
    `Schedule for ${wait} s from now: ${description}`,
  );
  const around = (await chainTime(context.provider)) + wait;
  const aspect = stateAspect(context, id, `waiting until about ${timeText(around)}`, [
    "waiting",
    "ready",
    "done",
  ]);
  const change = await makeChange(
    context.provider,
    { ...call, args: { ...call.args, decoded: { signature, args } } },
    await proposers(context),
    [aspect],
  );
  return { change, operationId: id, delay: wait };
}

/**
 * Executes an operation whose delay is over; what it changes is checked with it.
 *
 * @throws RefusedError while it waits, with the time; CheckError when it was cancelled or has become stale.
 */
export async function execute(context: ChangeContext, operation: Operation): Promise<Change> {
  const { id, calls, predecessor, salt } = operation;
  const state = await operationState(context, id);
  requireExecutable(id, state);
  const words = calls.map((call) => decodeCall(context, call).description).join("; ");
  const [first] = calls;
  const single = first !== undefined && calls.length === 1 && operationId(first, predecessor, salt) === id;
  const call = single
    ? callOf(
        context,
        "timelock",
        "execute",
        [first.to, first.value, first.data, predecessor, salt],
        `Execute: ${words}`,
      )
    : callOf(
        context,
        "timelock",
        "executeBatch",
        [
          calls.map(({ to }) => to),
          calls.map(({ value }) => value),
          calls.map(({ data }) => data),
          predecessor,
          salt,
        ],
        `Execute: ${words}`,
      );
  const decoded = calls.map((inner) => decodeCall(context, inner));
  const change = await makeChange(
    context.provider,
    { ...call, args: { ...call.args, decoded: decoded.map(({ signature, args }) => ({ signature, args })) } },
    await executors(context),
    [stateAspect(context, id, "done", ["done"])],
  );
  if (state.name === "done") return change;
  const consequences = await Promise.all(calls.map((inner) => decodeChange(context, inner)));
  return withConsequences(
    change,
    consequences.filter((consequence) => consequence !== undefined),
  );
}

/** Cancels an operation that was not executed; throws CheckError when it was. */
export async function cancel(context: ChangeContext, operation: Operation): Promise<Change> {
  const { id, calls } = operation;
  if ((await operationState(context, id)).name === "done") {
    throw new CheckError(`operation ${id} was executed already: it cannot be cancelled`);
  }
  const words = calls.map((call) => decodeCall(context, call).description).join("; ");
  const call = callOf(context, "timelock", "cancel", [id], `Cancel: ${words}`);
  const sender = await roleSender(context, "timelock", "CANCELLER_ROLE", await likelyHolders(context));
  return makeChange(context.provider, call, sender, [stateAspect(context, id, "cancelled", ["unset"])]);
}

/**
 * Waits in real time until an operation can be executed, telling how long it still takes.
 *
 * @throws CheckError when it is cancelled meanwhile.
 */
export async function waitUntilReady(
  context: ChangeContext,
  id: string,
  onProgress: (line: string) => void,
  pollMilliseconds = 5_000,
): Promise<void> {
  for (;;) {
    const state = await operationState(context, id);
    if (state.name !== "waiting") return requireExecutable(id, state);
    const left = Number(state.readyAt - (await chainTime(context.provider)));
    onProgress(`operation ${id.slice(0, 10)}… can be executed in ${left} s, at ${timeText(state.readyAt)}`);
    // Looked at again now and then: it may be cancelled meanwhile.
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(250, Math.min(left * 1000, pollMilliseconds))),
    );
  }
}

/** The first operation for the change that was not executed yet: it waits, or is to be scheduled. */
async function openOperation(
  context: ChangeContext,
  { call }: Change,
): Promise<{ id: string; salt: string }> {
  const raw: OperationCall = { to: call.to, data: call.data, value: 0n };
  for (let count = 0n; ; count += 1n) {
    const salt = toBeHex(count, 32);
    const id = operationId(raw, ZeroHash, salt);
    if ((await operationState(context, id)).name !== "done") return { id, salt };
  }
}

/** What an operation of ours may be late by (s): from the call being made to the block that holds it. */
const SLACK = 3_600n;

/**
 * A stolen proposer can schedule our very call, to be executed in a hundred years: whoever takes it for ours waits.
 *
 * @throws RefusedError when the operation waits for longer than one scheduled now would.
 */
async function requireSoon(context: ChangeContext, id: string, wait: bigint): Promise<void> {
  const state = await operationState(context, id);
  if (state.name !== "waiting" || state.readyAt <= (await chainTime(context.provider)) + wait + SLACK) return;
  const short = id.slice(0, 10);
  throw new RefusedError(
    `operation ${id} is the same call, but waits until ${timeText(state.readyAt)}: longer than ${wait} s from now`,
    {
      next: `npx hardhat upgrade cancel --operation ${short} …, then again; if it is yours, wait for it: npx hardhat upgrade execute --operation ${short} --wait …`,
    },
  );
}

/**
 * The operation that waits for a change, scheduled by anybody with this house's salts; undefined when none does.
 *
 * @param delay Seconds that one scheduled now would wait; the timelock's shortest unless given.
 * @throws RefusedError when it waits for much longer than that.
 */
export async function waitingOperation(
  context: ChangeContext,
  inner: Change,
  delay?: bigint,
): Promise<Operation | undefined> {
  const { id, salt } = await openOperation(context, inner);
  await requireSoon(
    context,
    id,
    delay ?? (await contractsOf(context, context.provider).timelock.getMinDelay()),
  );
  const state = await operationState(context, id);
  if (state.name === "unset") return undefined;
  const { to, data } = inner.call;
  return { id, salt, predecessor: ZeroHash, calls: [{ to, data, value: 0n }], state };
}

function requireExecutable(id: string, state: OperationState): void {
  if (state.name === "waiting") {
    throw new RefusedError(`operation ${id} cannot be executed before ${timeText(state.readyAt)}`, {
      next: `npx hardhat upgrade execute --operation ${id.slice(0, 10)} --wait …`,
    });
  }
  if (state.name === "unset" || state.name === "cancelled") {
    throw new CheckError(`operation ${id} is not scheduled: it was cancelled`, { next: "schedule it again" });
  }
}

function stateAspect(
  context: ChangeContext,
  id: string,
  after: string,
  good: readonly OperationState["name"][],
): Aspect {
  return {
    what: `operation ${id}`,
    after,
    read: async (now: Provider) => {
      const state = await operationState(context, id, now);
      return { shows: stateText(state), holds: good.includes(state.name) };
    },
  };
}

async function proposers(context: ChangeContext): Promise<Sender> {
  return roleSender(context, "timelock", "PROPOSER_ROLE", await likelyHolders(context));
}

/** Whoever holds the role; anybody when it was given to the zero address. */
async function executors(context: ChangeContext): Promise<Sender> {
  const sender = await roleSender(context, "timelock", "EXECUTOR_ROLE", await likelyHolders(context));
  const open = await holdsRole(context, context.provider, "timelock", "EXECUTOR_ROLE", ZeroAddress);
  return open ? { ...sender, allows: async () => true } : sender;
}

/** The timelock's roles are the admin's at deployment, and do not follow a transfer. */
async function likelyHolders(context: ChangeContext): Promise<string[]> {
  const admin = await contractsOf(context, context.provider).verifier.defaultAdmin();
  return [admin, context.deployment.settings.admin];
}
