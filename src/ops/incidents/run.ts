import { ProofXError } from "../../core/errors.ts";
import { stringifyJson } from "../../core/json.ts";
import { type IncidentState, saveState } from "./state.ts";
import { Awaiting, type IncidentStep, type StepRecord } from "./step.ts";

/** What became of a run: `finished`, or `awaiting` somebody or some time at a step. */
export interface IncidentReport {
  readonly status: "finished" | "awaiting";
  readonly steps: readonly {
    readonly id: string;
    readonly title: string;
    readonly status: "done" | "done before" | "awaiting" | "open";
    readonly seconds?: number;
    readonly lines: readonly string[];
    readonly data?: Readonly<Record<string, unknown>>;
  }[];
}

type Told = IncidentReport["steps"][number];

/**
 * Runs an incident's steps in order, from the first that the state does not have. Every finished step is saved before
 * the next begins, so the run can be killed anywhere and goes on. A step that was done before is looked at again where
 * it can be, and taken again when it does not stand.
 *
 * @param statePath Where the state is kept.
 * @param onStep Told of every step as it begins and ends.
 */
export async function runIncident(
  steps: readonly IncidentStep[],
  state: IncidentState,
  statePath: string,
  onStep: (line: string) => void,
): Promise<IncidentReport> {
  saveState(statePath, state);
  const told: Told[] = [];
  let blocked = false;
  for (const [index, step] of steps.entries()) {
    const { id, title } = step;
    const label = `[${index + 1}/${steps.length}] ${title}`;
    const before = state.steps[id];
    if (blocked) told.push({ id, title, status: "open", lines: [] });
    else if (before !== undefined && (await stands(step))) {
      onStep(`${label}: done before, at ${before.finishedAt}`);
      told.push({ id, title, status: "done before", ...before });
    } else {
      onStep(before === undefined ? label : `${label}: done at ${before.finishedAt}, but it does not stand`);
      const outcome = await take(step, state, statePath);
      told.push(outcome);
      blocked = outcome.status === "awaiting" && step.independent !== true;
    }
  }
  const awaiting = told.some(({ status }) => status === "awaiting");
  return { status: awaiting ? "awaiting" : "finished", steps: told };
}

async function stands(step: IncidentStep): Promise<boolean> {
  return step.stands === undefined || (await step.stands());
}

/** Takes a step and saves it. What keeps others waiting is an error; what does not is told, and tried in the next run. */
async function take(step: IncidentStep, state: IncidentState, statePath: string): Promise<Told> {
  const { id, title } = step;
  const started = performance.now();
  let record: StepRecord;
  try {
    record = await step.run();
  } catch (error) {
    if (error instanceof Awaiting) {
      return { id, title, status: "awaiting", lines: [error.message, ...error.lines] };
    }
    if (step.independent !== true || !(error instanceof ProofXError)) throw error;
    const next = [error.next ?? [], "run the same command again"].flat();
    return { id, title, status: "awaiting", lines: [error.message, ...next] };
  }
  const { lines, data } = record;
  const seconds = Math.round(performance.now() - started) / 1000;
  // As JSON has it, so that a later step reads the same whether this one ran now or before a crash.
  const kept = JSON.parse(stringifyJson(data)) as Record<string, unknown>;
  state.steps[id] = { finishedAt: new Date().toISOString(), seconds, lines: [...lines], data: kept };
  saveState(statePath, state);
  return { id, title, status: "done", seconds, lines, data };
}
