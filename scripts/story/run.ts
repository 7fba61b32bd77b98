import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ProofXError } from "../../src/core/errors.ts";
import { closeHosts, runPlain, runProofx, runTask, stopCommands } from "./command.ts";
import {
  PATHS,
  type RanCommand,
  type StepReport,
  type StoryContext,
  type StoryFacts,
  type StoryStep,
} from "./context.ts";
import { writeLogSettings } from "./log-settings.ts";
import { startService } from "./service.ts";

/** A step that ran, as the page tells it. */
export interface ToldStep {
  readonly step: StoryStep;
  readonly report: StepReport;
  readonly commands: readonly RanCommand[];
  readonly seconds: number;
  readonly logFile: string;
}

/** A step failed: which one, and where its log is. */
export class StoryFailure extends Error {
  readonly step: StoryStep;
  readonly logFile: string;

  constructor(step: StoryStep, logFile: string, cause: unknown) {
    super(`step ${step.id} failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.step = step;
    this.logFile = logFile;
  }
}

/** What a person is told when the story fails: the step and its reason, its log file, what to do next. */
export function failureLines(error: unknown): string[] {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof StoryFailure) {
    const next = "read the log, then npm start again; compiling and the setup are not done twice";
    return [message, `Log:  ${error.logFile}`, `Next: ${next}`];
  }
  return error instanceof ProofXError && error.next !== undefined
    ? [message, `Next: ${error.next}`]
    : [message];
}

/** What a listener is told while the story runs. */
export interface StoryListener {
  begin(step: StoryStep, index: number, total: number): void;
  note(line: string): void;
  end(told: ToldStep): void;
}

/**
 * Runs the steps in order against a chain. The list is what `npm start` and the integration test share.
 *
 * @param databaseUrlFile Holds the URL of a PostgreSQL for the log, which is embedded otherwise.
 */
export async function runStory(
  steps: readonly StoryStep[],
  rpcUrl: string,
  listener: StoryListener,
  databaseUrlFile?: string,
): Promise<{ told: ToldStep[]; facts: StoryFacts }> {
  mkdirSync(PATHS.logs, { recursive: true });
  writeLogSettings(rpcUrl, databaseUrlFile);
  const facts = {} as StoryFacts;
  const told: ToldStep[] = [];
  const shared = { rpcUrl, facts, tells: (id: string) => steps.some((step) => step.id === id) };
  try {
    for (const [index, step] of steps.entries()) {
      listener.begin(step, index, steps.length);
      const tale = await tellStep(step, index, shared, listener);
      told.push(tale);
      listener.end(tale);
    }
  } finally {
    await closeHosts();
  }
  return { told, facts };
}

function progressOf({ showsProgress }: StoryStep, listener: StoryListener) {
  if (showsProgress === undefined) return undefined;
  return (line: string): void => {
    if (showsProgress === true || showsProgress.test(line)) listener.note(line);
  };
}

async function tellStep(
  step: StoryStep,
  index: number,
  shared: Pick<StoryContext, "rpcUrl" | "facts" | "tells">,
  listener: StoryListener,
): Promise<ToldStep> {
  const logFile = join(PATHS.logs, `${String(index + 1).padStart(2, "0")}-${step.id}.log`);
  writeFileSync(logFile, "");
  const commands: RanCommand[] = [];
  const started = performance.now();
  const onProgress = progressOf(step, listener);
  const context: StoryContext = {
    ...shared,
    hardhat: async (words) => void commands.push(await runPlain(words, logFile)),
    async task<T>(words: readonly string[], options: Readonly<Record<string, string | true>>, exitCode = 0) {
      const { command, json } = await runTask(words, options, exitCode, logFile, onProgress);
      commands.push(command);
      return json as T;
    },
    async proofx<T>(words: readonly string[], exitCode = 0) {
      const { command, json } = await runProofx(words, exitCode, logFile);
      commands.push(command);
      return json as T;
    },
    service: (words) => startService(words, logFile),
  };
  try {
    const report = await step.run(context);
    return { step, report, commands, seconds: (performance.now() - started) / 1000, logFile };
  } catch (error) {
    await stopCommands();
    throw new StoryFailure(step, logFile, error);
  }
}
