import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { InputError } from "../../core/errors.ts";
import { buildSubgraph, projectFolder } from "./project.ts";
import { runTool } from "./tools.ts";
import { openWorkplace } from "./workplace.ts";

const FOLDER = resolve(import.meta.dirname, "../../../subgraph/tests");
/** Seconds; a file takes two to five, and a minute when a handler hangs. */
const TIMEOUT = 400;

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
    const files = (names.length > 0 ? names : all).map((name) => join("tests", `${name}.json`));
    const { output } = await runTool(place.gnd, ["test", "--skip-build", ...files], {
      ...place.spawning,
      timeout: TIMEOUT,
    });
    const [, passed = "0", failed = `${files.length}`] =
      /Tests: (\d+) passed, (\d+) failed/.exec(output) ?? [];
    return {
      passed: Number(passed),
      failed: Math.max(Number(failed), files.length - Number(passed)),
      output,
    };
  } finally {
    place.remove();
  }
}
