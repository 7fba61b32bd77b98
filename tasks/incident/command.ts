import { dirname, join } from "node:path";
import { deploymentPath } from "../../src/chain/deployment.ts";
import type { Chain } from "../../src/chain/network.ts";
import { EXIT, RefusedError } from "../../src/core/errors.ts";
import {
  type Hands,
  type IncidentReport,
  type IncidentState,
  type IncidentStep,
  openState,
  runIncident,
} from "../../src/ops/incidents/index.ts";
import type { TaskIo, TaskResult } from "../support/task.ts";
import { parseUnsigned } from "../support/values.ts";

/** Options of every incident. */
export interface IncidentArguments {
  readonly key: string | undefined;
  readonly state: string | undefined;
  readonly out: string | undefined;
  readonly confirm: string | undefined;
  readonly dryRun: boolean;
}

/** Where an incident's progress and its unsigned calls are kept. */
export interface IncidentPlace {
  readonly state: string;
  readonly out: string;
}

/** @param subject Tells incidents of the same kind apart, e.g. the signer's address. */
export function placeOf(
  chain: Chain,
  incident: string,
  subject: string,
  args: IncidentArguments,
): IncidentPlace {
  const folder = join(dirname(deploymentPath(chain.network)), "incidents");
  const name = `${chain.network}-${incident}-${subject.slice(0, 10)}`;
  return {
    state: args.state ?? join(folder, `${name}.json`),
    out: args.out ?? join(folder, name),
  };
}

const DEFAULT_PATIENCE = "600";

/** Seconds, from `--patience`. */
export function patienceOf(text: string | undefined): number {
  return Number(parseUnsigned("--patience", text ?? DEFAULT_PATIENCE, 31));
}

/** An incident as a task runs it. */
export interface IncidentRun {
  readonly incident: string;
  readonly chain: Chain;
  readonly place: IncidentPlace;
  /** What the operator gave; a later run has to give the same. */
  readonly given: Readonly<Record<string, string | undefined>>;
  readonly hands: Hands;
  readonly steps: (state: IncidentState, hands: Hands) => IncidentStep[];
}

/** Runs an incident from where it stands; with `--dry-run` only the step that identifies, which reads. */
export async function answer(run: IncidentRun, dryRun: boolean, io: TaskIo): Promise<TaskResult> {
  const given = Object.fromEntries(
    Object.entries(run.given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const state = openState(run.place.state, run.incident, run.chain, given);
  if (dryRun) return plan(run.steps(state, refusingHands(run.hands)));
  const report = await runIncident(run.steps(state, run.hands), state, run.place.state, (line) =>
    io.note(line),
  );
  return {
    data: { ...report, stateFile: run.place.state },
    lines: [...reportLines(report), `Record: ${run.place.state}`],
    exitCode: report.status === "finished" ? EXIT.ok : EXIT.failed,
  };
}

async function plan(steps: readonly IncidentStep[]): Promise<TaskResult> {
  const seen = await steps.find(({ id }) => id === "identify")?.run();
  return {
    data: {
      status: "planned",
      first: seen?.data ?? {},
      steps: steps.map(({ id, title }) => ({ id, title })),
    },
    lines: [
      ...(seen?.lines ?? []),
      "",
      "Nothing was changed. The steps:",
      ...steps.map(({ title }, index) => `  ${index + 1}. ${title}`),
    ],
  };
}

/** In a dry run the one step only reads; if it ever did more, it is refused here. */
function refusingHands(hands: Hands): Hands {
  return {
    ...hands,
    apply: async (changes) => {
      const words = [changes].flat().map(({ call }) => call.description);
      throw new RefusedError(`a dry run changes nothing: ${words.join("; ")}`);
    },
  };
}

function reportLines(report: IncidentReport): string[] {
  return report.steps.flatMap(({ title, status, seconds, lines }, index) => [
    `${index + 1}. ${title}: ${status}${seconds === undefined ? "" : ` (${seconds.toFixed(1)} s)`}`,
    ...(status === "open" ? [] : lines.map((line) => `     ${line}`)),
  ]);
}
