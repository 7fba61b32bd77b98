import type { Change } from "../../chain/change.ts";
import { chainTime } from "../../chain/changes/context.ts";
import {
  type ChangeContext,
  execute,
  findOperation,
  type OperationState,
  operationState,
  schedule,
  stateText,
  waitUntilReady,
} from "../../chain/changes/index.ts";
import type { IncidentState } from "./state.ts";
import { Awaiting, type Hands, type IncidentStep, type StepRecord } from "./step.ts";

/** What only the timelock may do, as three steps of an incident: schedule, wait, execute. */
export interface TimelockAct {
  readonly context: ChangeContext;
  readonly hands: Hands;
  readonly state: IncidentState;
  /** Begins the ids of the three steps. */
  readonly id: string;
  /** What is done, for titles: `activation of the fixed circuit version`. */
  readonly what: string;
  /** Several are scheduled at once, so that their delays pass together, and executed in the order given. */
  readonly change: () => Promise<Change | readonly Change[]>;
}

const NOTHING_TO_DO: StepRecord = { lines: ["The chain is so already."], data: { operation: "" } };

/** The three steps. */
export function throughTimelock(act: TimelockAct): IncidentStep[] {
  const { context, hands, state, id, what } = act;
  const operations = () => operationsOf(state.steps[`${id}-schedule`]?.data ?? {});
  return [
    {
      id: `${id}-schedule`,
      title: `Schedule the ${what}, for all to see`,
      run: () => scheduleAll(act),
      stands: () => scheduleStands(act, operations()),
    },
    {
      id: `${id}-wait`,
      title: "Wait until the timelock lets it through",
      run: async () => {
        const records: StepRecord[] = [];
        for (const operation of operations()) records.push(await wait(context, hands, operation));
        return merged(records);
      },
      stands: () => every(context, operations(), ["ready", "done"]),
    },
    {
      id: `${id}-execute`,
      title: `Execute the ${what}`,
      run: async () => {
        const records: StepRecord[] = [];
        // One by one: each is checked against the chain as the one before left it.
        for (const operation of operations()) {
          const change = await execute(context, await findOperation(context, operation));
          records.push(await hands.apply(change, "admin"));
        }
        return merged(records);
      },
      stands: () => every(context, operations(), ["done"]),
    },
  ];
}

async function scheduleAll({ context, hands, change }: TimelockAct): Promise<StepRecord> {
  const open = [await change()].flat().filter((each) => !each.already());
  if (open.length === 0) return NOTHING_TO_DO;
  const scheduled = await Promise.all(open.map((each) => schedule(context, each)));
  const record = await hands.apply(
    scheduled.map((each) => each.change),
    "admin",
  );
  const ids = scheduled.map(({ operationId }) => operationId);
  const several = ids.length > 1 ? { operations: ids } : {};
  return { lines: record.lines, data: { ...record.data, operation: ids[0], ...several } };
}

/** Ids of what was scheduled, in order; none when the chain was so. */
function operationsOf({ operation, operations }: StepRecord["data"]): string[] {
  if (Array.isArray(operations)) return operations.map(String);
  return operation === undefined || operation === "" ? [] : [String(operation)];
}

function merged(records: readonly StepRecord[]): StepRecord {
  const last = records.at(-1);
  return last === undefined
    ? NOTHING_TO_DO
    : { lines: records.flatMap(({ lines }) => lines), data: last.data };
}

async function every(
  context: ChangeContext,
  operations: readonly string[],
  good: readonly OperationState["name"][],
): Promise<boolean> {
  const states = await Promise.all(operations.map((operation) => operationState(context, operation)));
  return states.every(({ name }) => good.includes(name));
}

/** Not when it was cancelled, or when the chain has changed since, so that it would be refused in the end. */
async function scheduleStands(
  { context, state, id, change }: TimelockAct,
  operations: readonly string[],
): Promise<boolean> {
  if (!(await every(context, operations, ["waiting", "ready", "done"]))) return false;
  if (await every(context, operations, ["done"])) return true;
  if (state.steps[`${id}-execute`] !== undefined) return true;
  const open = [await change()].flat().filter((each) => !each.already());
  const scheduled = await Promise.all(open.map((each) => schedule(context, each)));
  return scheduled.every(({ operationId }) => operations.includes(operationId));
}

async function wait(context: ChangeContext, hands: Hands, operation: string): Promise<StepRecord> {
  const state = await operationState(context, operation);
  const left = state.name === "waiting" ? Number(state.readyAt - (await chainTime(context.provider))) : 0;
  if (left > hands.patience) {
    throw new Awaiting(`operation ${operation} is ${stateText(state)}`, ["run the same command again then"]);
  }
  // Also when nothing waits any more: it refuses an operation that was cancelled.
  await waitUntilReady(context, operation, (line) => hands.note(line));
  return { lines: [`Operation ${operation.slice(0, 10)}… can be executed.`], data: { operation } };
}
