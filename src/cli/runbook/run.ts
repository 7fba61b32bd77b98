import { appendFileSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseEnv } from "node:util";
import { EXIT, errorCode, InputError, RefusedError, UnavailableError } from "../../core/errors.ts";
import { stringifyJson } from "../../core/json.ts";
import {
  missingInputs,
  type Runbook,
  type RunbookStep,
  readRunbook,
  runStep,
  type StepResult,
} from "../../ops/runbooks/index.ts";
import type { CommandResult } from "../output.ts";
import { timeText } from "./pages.ts";

export interface RunOptions {
  readonly step?: string;
  readonly yes?: boolean;
  readonly set?: readonly string[];
  readonly env?: string;
  readonly record?: string;
  readonly json?: boolean;
}

const ROOT = resolve(import.meta.dirname, "../../..");

/**
 * Runs steps of a page in their order. A step that fails ends it; one whose output differs from the page's does not, since a page
 * shows the rehearsal's. Where a section only looks, what it saw is the answer: a difference there is a no.
 *
 * @throws InputError for inputs or places that are not named; RefusedError where nobody can be asked.
 */
export async function runPage(
  name: string,
  options: RunOptions,
  note: (line: string) => void,
): Promise<CommandResult> {
  const page = readRunbook(name);
  const env = { ...process.env, ...(options.env === undefined ? {} : fileEnvironment(options.env)) };
  const inputs = inputsOf(page, options.set ?? [], env);
  const steps = chosen(page, options.step);
  refuseUnnamed(steps, { ...env, ...inputs });
  const results: StepResult[] = [];
  for (const step of steps) {
    note(`\n== ${page.name}, step ${step.number} of ${page.steps.length} (${step.section}): ${step.says}`);
    note(step.script);
    if (step.changes && options.yes !== true && !(await asked())) {
      note("left out");
      continue;
    }
    const result = await runStep(step, {
      cwd: ROOT,
      env,
      inputs,
      onText: (text) => void (options.json ? process.stderr : process.stdout).write(text),
    });
    results.push(result);
    record(options.record, page, result);
    if (result.differs !== undefined) note(`not as the page shows: ${result.differs}`);
    if (result.exitCode !== step.exitCode && result.exitCode !== 0) break;
  }
  return resultOf(page, results);
}

function resultOf(page: Runbook, results: readonly StepResult[]): CommandResult {
  const seconds = results.reduce((sum, each) => sum + each.seconds, 0);
  const failed = results.find(({ step, exitCode }) => exitCode !== step.exitCode && exitCode !== 0);
  const unlike = results.filter(({ differs }) => differs !== undefined);
  // A step that changes something prints what it changed, which is the operator's own; one that only looks is there for what it says.
  const answeredNo = unlike.some(({ step }) => !step.changes);
  const steps = results.map(({ step, exitCode, seconds: took, differs }) => ({
    step: step.number,
    exitCode,
    seconds: took,
    differs,
  }));
  return {
    data: { runbook: page.name, targetSeconds: page.targetSeconds, seconds, steps },
    lines: [
      `${page.name}: ${results.length} of ${page.steps.length} steps in ${seconds.toFixed(1)} s, of ${timeText(page.targetSeconds)} allowed`,
      ...(failed === undefined ? [] : [`step ${failed.step.number} ended with ${failed.exitCode}`]),
      ...(unlike.length === 0
        ? []
        : [`not as the page shows: step ${unlike.map(({ step }) => step.number).join(", ")}`]),
    ],
    exitCode: failed === undefined && !answeredNo ? EXIT.ok : EXIT.failed,
  };
}

function chosen(page: Runbook, number: string | undefined): readonly RunbookStep[] {
  if (number === undefined) return page.steps;
  const step = page.steps.find((each) => String(each.number) === number);
  if (step === undefined) throw InputError.expected("--step", `1 to ${page.steps.length}`, number);
  return [step];
}

/** What `--set` gives, and for the page's inputs the environment. */
function inputsOf(page: Runbook, set: readonly string[], env: NodeJS.ProcessEnv): Record<string, string> {
  const inputs: Record<string, string> = {};
  for (const name of page.inputs) inputs[name] = env[name] ?? "";
  for (const each of set) {
    const [, name, value = ""] = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(each) ?? [];
    if (name === undefined) throw InputError.expected("--set", "NAME=value", each);
    inputs[name] = value;
  }
  const missing = missingInputs(page, inputs);
  if (missing.length === 0) return inputs;
  throw InputError.expected(
    `what ${page.name} wants named`,
    page.inputs.join(", "),
    `no ${missing.join(", ")}`,
    `--set ${missing[0]}=…; the alert's labels have it, and the page says what it is`,
  );
}

/** What docs/runbooks/README.md has an operator name once, for all pages. */
const PLACES =
  "NETWORK DEPLOYMENT RPC RELAYER PROVER WATCHER SEQUENCER SUBGRAPH TENANT STORE ADMIN_CREDENTIAL WORK".split(
    " ",
  );

/** A step whose variables are not named would end in a shell's complaint, perhaps with half of it done. */
function refuseUnnamed(steps: readonly RunbookStep[], env: NodeJS.ProcessEnv): void {
  const scripts = steps.map(({ script }) => script).join("\n");
  const used = new Set([...scripts.matchAll(/\$\{?([A-Z][A-Z0-9_]*)/g)].map(([, name]) => name));
  const missing = PLACES.filter((name) => used.has(name) && env[name] === undefined);
  if (missing.length === 0) return;
  throw InputError.expected(
    "what the steps want named",
    missing.join(", "),
    undefined,
    "--env FILE, a file with lines of `export NAME=value`; docs/runbooks/README.md says what each is",
  );
}

function fileEnvironment(file: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new UnavailableError(`${file} cannot be read (${errorCode(cause)})`, { cause });
  }
}

async function asked(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new RefusedError("this step may change something, and nobody is at the terminal to be asked", {
      next: "--yes runs it without asking; --step N runs one that only looks",
    });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question("Run it? [y/N] ")).trim());
  } finally {
    terminal.close();
  }
}

/** A line a step: what was run is part of an incident's record, what it printed is not, since that may be long. */
function record(file: string | undefined, page: Runbook, { step, exitCode, seconds }: StepResult): void {
  if (file === undefined) return;
  const entry = { at: new Date().toISOString(), runbook: page.name, step: step.number, exitCode, seconds };
  appendFileSync(file, `${stringifyJson(entry)}\n`);
}
