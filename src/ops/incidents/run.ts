import { stringifyJson } from "../../core/json.ts";
import { type IncidentState, saveState } from "./state.ts";
import { Awaiting, type IncidentStep } from "./step.ts";

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

/**
 * Runs an incident's steps in order, from the first that the state does not have. Every finished step is saved before
 * the next begins, so the run can be killed anywhere and goes on.
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
  const told: IncidentReport["steps"][number][] = [];
  let awaiting: Awaiting | undefined;
  for (const [index, { id, title, run }] of steps.entries()) {
    const label = `[${index + 1}/${steps.length}] ${title}`;
    const before = state.steps[id];
    if (awaiting !== undefined) {
      told.push({ id, title, status: "open", lines: [] });
    } else if (before !== undefined) {
      onStep(`${label}: done before, at ${before.finishedAt}`);
      told.push({ id, title, status: "done before", ...before });
    } else {
      onStep(label);
      const started = performance.now();
      try {
        const { lines, data } = await run();
        const seconds = Math.round(performance.now() - started) / 1000;
        // As JSON has it, so that a later step reads the same whether this one ran now or before a crash.
        const kept = JSON.parse(stringifyJson(data)) as Record<string, unknown>;
        state.steps[id] = { finishedAt: new Date().toISOString(), seconds, lines: [...lines], data: kept };
        saveState(statePath, state);
        told.push({ id, title, status: "done", seconds, lines, data });
      } catch (error) {
        if (!(error instanceof Awaiting)) throw error;
        awaiting = error;
        told.push({ id, title, status: "awaiting", lines: [error.message, ...error.lines] });
      }
    }
  }
  return { status: awaiting === undefined ? "finished" : "awaiting", steps: told };
}
