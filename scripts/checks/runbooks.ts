import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  missingInputs,
  type Runbook,
  readRunbook,
  runbookNames,
  runStep,
} from "../../src/ops/runbooks/index.ts";
import { type Need, reportResult, type Skip, type SuiteResult, sumResults } from "../test/results.ts";
import { missingNeed } from "./runbook/aleo.ts";
import { alertOf, isTold } from "./runbook/alert.ts";
import { type Fault, loadFault } from "./runbook/fault.ts";
import { isTimed, missingForAlert, PageFaults, placeOf } from "./runbook/metric-faults.ts";
import { type OpenStage, openStage } from "./runbook/stage.ts";
import { ROOT } from "./support/process.ts";
import { duration } from "./support/table.ts";

const HELP = `node scripts/checks/runbooks.ts [--reuse] [PAGE...]

Rehearses the runbooks, all or those named, on one stage: the fault of each page is put into it, the page's steps are run in
order, their output and exit codes are compared with the page, and the time is held against the page's target.

  --reuse  on the stage that \`npm start -- --keep --until attest --database-url-file FILE\` keeps up in another terminal, but for
           pages that stop its database`;

/** How long each page took, fault included, beside what it may take. */
const TIMES = "build/test/runbooks/times.json";
const times: { runbook: string; seconds: number; targetSeconds: number }[] = [];

/** Exit code: 0 when every page did what it says. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { help: { type: "boolean" }, reuse: { type: "boolean" } },
    allowPositionals: true,
  });
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const pages = (positionals.length > 0 ? positionals : runbookNames()).map((name) => readRunbook(name));
  const stage = await openStage({ reuse: values.reuse === true });
  const results: SuiteResult[] = [];
  try {
    // Before the watcher, which follows the ledger that its environment names.
    if (await needsLedger(pages)) await stage.service("aleo");
    if (pages.some(isTold)) await stage.service("watcher");
    const faults = await PageFaults.of(pages, stage);
    for (const page of await inOrder(pages)) results.push(await rehearse(page, stage, faults));
    results.push(...(await faults.close()));
  } finally {
    await stage.close();
  }
  const result = sumResults(results);
  for (const { title, detail } of result.failures) console.error(`\n${title}: ${detail}`);
  for (const line of result.notes ?? []) console.log(line);
  writeFileSync(join(ROOT, TIMES), `${JSON.stringify(times, null, 2)}\n`);
  reportResult(result);
  console.log(`${result.passed} passed, ${result.failures.length} failed, ${result.skips.length} skipped`);
  return result.failures.length === 0 ? 0 : 1;
}

/** Whether a page that can be rehearsed here acts on Aleo's development ledger. */
async function needsLedger(pages: readonly Runbook[]): Promise<boolean> {
  const needs = pages.map(async ({ fault, steps }) => [
    ...steps.map((step) => step.needs),
    fault === undefined ? undefined : (await loadFault(fault)).needs,
  ]);
  return (
    (await Promise.all(needs)).flat().includes("aleo-devnode") && missingNeed("aleo-devnode") === undefined
  );
}

/**
 * Pages that want the chain's time to be now, then those whose alert takes time, the ones of one fault together, then those that move the
 * chain's, then operations, which may take the stage apart.
 */
async function inOrder(pages: readonly Runbook[]): Promise<Runbook[]> {
  const placed = pages.map(async (page, own) => {
    const fault = page.fault === undefined ? undefined : await loadFault(page.fault);
    const first = isTimed(page, fault) ? pages.findIndex((each) => each.fault === page.fault) : own;
    const place = page.kind === "operation" ? 4 : fault?.late === true ? 3 : placeOf(page, fault);
    return { page, place, first };
  });
  return (await Promise.all(placed))
    .sort((a, b) => a.place - b.place || a.first - b.first)
    .map(({ page }) => page);
}

/** Puts the fault in, runs the steps, takes away what is left. A step that is not as the page shows ends the page. */
async function rehearse(page: Runbook, stage: OpenStage, faults: PageFaults): Promise<SuiteResult> {
  const begun = performance.now();
  const fault: Fault | undefined = page.fault === undefined ? undefined : await loadFault(page.fault);
  const missing = missingNeed(fault?.needs) ?? missingForAlert(page, fault);
  if (missing !== undefined) return skipped(page, missing);
  let wrong: string | undefined;
  let told = "";
  let clearing: string | undefined;
  const notes: string[] = [];
  const skips: Skip[] = [];
  try {
    const { since, inputs } = await faults.putIn(page, fault);
    told = await alertOf(page, fault, stage, since);
    const acting = performance.now();
    wrong = await runSteps(page, stage, inputs, { notes, skips });
    const seconds = (performance.now() - acting) / 1000;
    if (wrong === undefined && seconds > page.targetSeconds) wrong = `took ${duration(seconds)}`;
  } catch (error) {
    wrong = `fault ${page.fault}: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    await stage.kill("state-watcher", "SIGINT");
    clearing = await faults.clear(page, fault).then(
      () => undefined,
      (error: unknown) => `what it left is not cleared away: ${String(error)}`,
    );
  }
  wrong ??= clearing;
  const took = duration((performance.now() - begun) / 1000);
  console.log(
    `${wrong === undefined ? "✔" : "✘"} ${page.name.padEnd(28)} ${took.padStart(8)} of ${duration(page.targetSeconds)}${fault === undefined ? "" : `  (${fault.what}${told})`}`,
  );
  times.push({
    runbook: page.name,
    seconds: (performance.now() - begun) / 1000,
    targetSeconds: page.targetSeconds,
  });
  const failures = wrong === undefined ? [] : [{ title: page.name, detail: wrong }];
  return { passed: 1 - failures.length, failures, skips, notes };
}

function skipped({ name }: Runbook, need: Need): SuiteResult {
  console.log(`- ${name.padEnd(28)} skipped: it needs ${need.command}: ${need.install}`);
  return { passed: 0, failures: [], skips: [{ title: name, need }] };
}

async function runSteps(
  page: Runbook,
  { env }: OpenStage,
  inputs: Readonly<Record<string, string>>,
  { notes, skips }: { readonly notes: string[]; readonly skips: Skip[] },
): Promise<string | undefined> {
  const missing = missingInputs(page, inputs);
  if (missing.length > 0) return `the fault does not name ${missing.join(", ")}`;
  for (const step of page.steps) {
    const place = `docs/runbooks/${page.name}.md:${step.line}`;
    if (step.noRun !== undefined) {
      notes.push(`${place} is not run: ${step.noRun}`);
      continue;
    }
    const need = missingNeed(step.needs);
    if (need !== undefined) {
      console.log(`- ${place} skipped: it needs ${need.command}: ${need.install}`);
      skips.push({ title: place, need });
      continue;
    }
    const { differs, output } = await runStep(step, { cwd: ROOT, env, inputs });
    if (differs !== undefined)
      return `${place} ${differs}\n${output.trimEnd().split("\n").slice(-25).join("\n")}`;
  }
  return undefined;
}

process.exitCode = await main();
