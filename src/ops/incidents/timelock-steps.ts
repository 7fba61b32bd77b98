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
  /** Looked at while waiting, e.g. that the pause has not run out. */
  readonly meanwhile?: () => Promise<void>;
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
    },
    {
      id: `${id}-wait`,
      title: "Wait until the timelock lets it through",
      run: async () => {
        await act.meanwhile?.();
        if (operation() === "") return NOTHING_TO_DO;
        return wait(context, hands, operation());
      },
    },
    {
      id: `${id}-execute`,
      title: `Execute the ${what}`,
      run: async () => {
        await act.meanwhile?.();
        if (operation() === "") return NOTHING_TO_DO;
        return hands.apply(await execute(context, await findOperation(context, operation())), "admin");
      },
    },
  ];
}

async function wait(context: ChangeContext, hands: Hands, operation: string): Promise<StepRecord> {
  const state = await operationState(context, operation);
  const left = state.name === "waiting" ? Number(state.readyAt - (await chainTime(context.provider))) : 0;
  if (left > hands.patience) {
    throw new Awaiting(`operation ${operation} is ${stateText(state)}`, ["run the same command again then"]);
  }
  if (state.name === "waiting") await waitUntilReady(context, operation, (line) => hands.note(line));
  return { lines: [`Operation ${operation.slice(0, 10)}… can be executed.`], data: { operation } };
}
