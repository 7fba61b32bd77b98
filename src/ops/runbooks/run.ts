import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Runbook, RunbookStep } from "./page.ts";

/** How a step is run. */
export interface StepEnvironment {
  readonly cwd: string;
  /** All of what the step's shell finds in its environment. */
  readonly env: NodeJS.ProcessEnv;
  /** The page's inputs: variables of the step's shell, which its programs do not get. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Both streams, as they come. */
  readonly onText?: (text: string) => void;
}

/** How a step ended. */
export interface StepResult {
  readonly step: RunbookStep;
  /** 124 when it took too long. */
  readonly exitCode: number;
  readonly seconds: number;
  readonly output: string;
  /** What differs from what its page shows; nothing when it ended as shown. */
  readonly differs?: string;
}

/** Inputs of a page that are not given. */
export function missingInputs(
  { inputs }: Runbook,
  given: Readonly<Record<string, string | undefined>>,
): string[] {
  return inputs.filter((name) => (given[name] ?? "") === "");
}

/** Runs one step by `bash -euo pipefail` in a process group of its own, which ends with it. Never throws for a step that fails. */
export async function runStep(
  step: RunbookStep,
  { cwd, env, inputs = {}, onText }: StepEnvironment,
): Promise<StepResult> {
  const begun = performance.now();
  const assignments = Object.entries(inputs).map(([name, value]) => `${name}=${inQuotes(value)}\n`);
  const child = spawn("bash", ["-euo", "pipefail", "-c", `${assignments.join("")}${step.script}`], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      onText?.(text);
    });
  }
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    killGroup(child.pid);
  }, step.timeoutSeconds * 1000);
  // A program that does not start has its error in place of an end.
  const [code] = await once(child, "close").catch(() => [127]);
  clearTimeout(timer);
  killGroup(child.pid);
  const exitCode = late ? 124 : typeof code === "number" ? code : 1;
  const differs = late ? `not finished after ${step.timeoutSeconds} s` : differenceOf(step, exitCode, output);
  return {
    step,
    exitCode,
    seconds: (performance.now() - begun) / 1000,
    output,
    ...(differs === undefined ? {} : { differs }),
  };
}

function inQuotes(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left in it.
  }
}

function differenceOf(step: RunbookStep, exitCode: number, output: string): string | undefined {
  if (exitCode !== step.exitCode) return `ended with ${exitCode} instead of ${step.exitCode}`;
  const missing = step.expected === undefined ? undefined : missingLine(output, step.expected);
  return missing === undefined ? undefined : `its output has not, in this order: ${missing}`;
}

/** The first expected line that the output does not have, after those before it; `…` stands for anything within a line. */
export function missingLine(output: string, expected: string): string | undefined {
  const lines = output.split("\n");
  let at = 0;
  for (const line of expected.split("\n").filter((each) => each.trim() !== "")) {
    const pattern = new RegExp(line.trim().split("…").map(quoted).join(".*"));
    const found = lines.findIndex((each, i) => i >= at && pattern.test(each));
    if (found === -1) return line.trim();
    at = found + 1;
  }
  return undefined;
}

/** Runs of spaces match any: tables are as wide as their content. */
function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+");
}
