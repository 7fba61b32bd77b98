import type { Change } from "../../chain/change.ts";
import { chainTime } from "../../chain/changes/context.ts";
import {
  type ChangeContext,
  execute,
  findOperation,
  operationState,
  schedule,
  stateText,
  waitUntilReady,
} from "../../chain/changes/index.ts";
import type { IncidentState } from "./state.ts";
import { Awaiting, type Hands, type IncidentStep, type StepRecord } from "./step.ts";

/** A change that only the timelock may make, as three steps of an incident: schedule, wait, execute. */
export interface TimelockAct {
  readonly context: ChangeContext;
  readonly hands: Hands;
  readonly state: IncidentState;
  /** Begins the ids of the three steps. */
  readonly id: string;
  /** What is done, for titles: `activation of the fixed circuit version`. */
  readonly what: string;
  readonly change: () => Promise<Change>;
}

const NOTHING_TO_DO: StepRecord = { lines: ["The chain is so already."], data: { operation: "" } };

/** The three steps. */
export function throughTimelock(act: TimelockAct): IncidentStep[] {
  const { context, hands, state, id, what } = act;
  const operation = () => String(state.steps[`${id}-schedule`]?.data.operation ?? "");
  return [
    {
      id: `${id}-schedule`,
      title: `Schedule the ${what}, for all to see`,
      run: async () => {
        const inner = await act.change();
        if (inner.already()) return NOTHING_TO_DO;
        const { change, operationId } = await schedule(context, inner);
        const { lines, data } = await hands.apply(change, "admin");
        return { lines, data: { ...data, operation: operationId } };
      },
      stands: () => scheduleStands(act, operation()),
    },
    {
      id: `${id}-wait`,
      title: "Wait until the timelock lets it through",
      run: async () => {
        if (operation() === "") return NOTHING_TO_DO;
        return wait(context, hands, operation());
      },
      stands: async () => ["none", "ready", "done"].includes(await stateOf(context, operation())),
    },
    {
      id: `${id}-execute`,
      title: `Execute the ${what}`,
      run: async () => {
        if (operation() === "") return NOTHING_TO_DO;
        return hands.apply(await execute(context, await findOperation(context, operation())), "admin");
      },
      stands: async () => ["none", "done"].includes(await stateOf(context, operation())),
    },
  ];
}

/** State of the incident's operation; `none` when the chain was so and there is none. */
async function stateOf(context: ChangeContext, operation: string): Promise<string> {
  return operation === "" ? "none" : (await operationState(context, operation)).name;
}

/** Not when it was cancelled, or when the chain has changed since, so that it would be refused in the end. */
async function scheduleStands(
  { context, state, id, change }: TimelockAct,
  operation: string,
): Promise<boolean> {
  const name = await stateOf(context, operation);
  if (name === "unset") return false;
  if (name === "none" || name === "done" || state.steps[`${id}-execute`] !== undefined) return true;
  const inner = await change();
  return inner.already() || (await schedule(context, inner)).operationId === operation;
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
