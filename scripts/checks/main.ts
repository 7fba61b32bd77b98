import { parseArgs } from "node:util";
import { type Failure, reportResult } from "../test/results.ts";
import { STEPS, type Step } from "./steps.ts";
import { duration, table } from "./support/table.ts";

const HELP = `npm run check [-- STEP...]

Checks the tree without changing it. Without names, every step runs:

${table(STEPS.map((step) => [`  ${step.name}`, step.shows])).join("\n")}

  --list   names only
  --help   this text`;

const { values, positionals } = parseArgs({
  options: { help: { type: "boolean", short: "h" }, list: { type: "boolean" } },
  allowPositionals: true,
});

if (values.help === true) console.log(HELP);
else if (values.list === true) console.log(STEPS.map((step) => step.name).join("\n"));
else process.exitCode = await main(positionals);

/** Exit code: 0 when every step is clean, 1 when one is not, 2 for a name that is no step. */
async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !STEPS.some((step) => step.name === name));
  if (unknown !== undefined) {
    console.error(`step: expected one of ${STEPS.map((step) => step.name).join(", ")}, got "${unknown}"`);
    return 2;
  }
  const chosen = STEPS.filter((step) => names.length === 0 || names.includes(step.name));
  const failures: Failure[] = [];
  for (const step of chosen) {
    const failure = await runStep(step);
    if (failure !== undefined) failures.push(failure);
  }
  reportResult({ passed: chosen.length - failures.length, failures, skips: [] });
  if (failures.length > 0) console.error(`\n${failures.length} of ${chosen.length} checks failed`);
  return failures.length === 0 ? 0 : 1;
}

async function runStep(step: Step): Promise<Failure | undefined> {
  const started = performance.now();
  const wrong = await step.run().catch((error: unknown) => String(error));
  const time = duration((performance.now() - started) / 1000);
  console.log(
    `${wrong === "" ? "ok    " : "FAILED"}  ${step.name.padEnd(10)}  ${time.padStart(8)}  ${step.shows}`,
  );
  if (wrong === "") return undefined;
  console.error(`\n${wrong}\n\nWhat to do: ${step.remedy}\nAgain:      npm run check -- ${step.name}\n`);
  return { title: step.name, detail: wrong };
}
