import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { InputError } from "../../core/errors.ts";
import { buildSubgraph, projectFolder } from "./project.ts";
import { runTool } from "./tools.ts";
import { openWorkplace, type Workplace } from "./workplace.ts";

const FOLDER = resolve(import.meta.dirname, "../../../subgraph/tests");
/**
 * Seconds for one file, try by try: it takes two to five, on a busy machine twenty. gnd 0.45.0 at times stops for good when its database
 * has just been set up, before it reads a test; the last try is long enough for it to say itself that a handler hangs.
 */
const TIMEOUTS = [40, 40, 120];

export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  readonly output: string;
}

/**
 * Runs the mappings' tests: blocks of events through graph-node's own store, then queries.
 *
 * @param names Of files in `subgraph/tests`, without the ending; all without them.
 */
export async function testSubgraph(names: readonly string[] = []): Promise<TestReport> {
  const all = readdirSync(FOLDER).flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -5)] : []));
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) throw InputError.expected("test", `one of ${all.join(", ")}`, unknown);
  const project = projectFolder("test");
  await buildSubgraph(project);
  const place = openWorkplace(project);
  try {
    const reports: TestReport[] = [];
    for (const name of names.length > 0 ? names : all) reports.push(await testFile(place, name));
    return {
      passed: reports.reduce((sum, { passed }) => sum + passed, 0),
      failed: reports.reduce((sum, { failed }) => sum + failed, 0),
      output: reports.map(({ output }) => output.trim()).join("\n"),
    };
  } finally {
    place.remove();
  }
}

/** A gnd for each file, and another one when it stops. What it says of a test is not asked for twice. */
async function testFile({ gnd, spawning }: Workplace, name: string): Promise<TestReport> {
  const args = ["test", "--skip-build", join("tests", `${name}.json`)];
  const said: string[] = [];
  for (const timeout of TIMEOUTS) {
    const { output, late } = await runTool(gnd, args, { ...spawning, timeout });
    said.push(output);
    const [, passed = "0", failed = "1"] = /Tests: (\d+) passed, (\d+) failed/.exec(output) ?? [];
    if (!late) return { passed: Number(passed), failed: Number(failed), output: said.join("") };
  }
  return { passed: 0, failed: 1, output: said.join("") };
}
