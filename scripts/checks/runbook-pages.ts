import { existsSync } from "node:fs";
import { join } from "node:path";
import { RULES } from "../../src/ops/monitors/index.ts";
import { type Runbook, readRunbooks } from "../../src/ops/runbooks/index.ts";
import { clusterObjects, unknownInCluster } from "./commands/cluster.ts";
import { failureUnheard } from "./commands/unheard.ts";
import { ROOT } from "./support/process.ts";
import type { Fault } from "./support/sources.ts";

const FOLDER = "docs/runbooks";

/** Rules without a page, pages without a rule, severities that differ, faults that are not there, things of a cluster that no manifest makes, and steps whose failing would pass for an answer. */
export function findRunbookFaults(): Fault[] {
  const pages = readRunbooks(join(ROOT, FOLDER));
  const names = new Set(pages.map(({ name }) => name));
  return [
    ...pages.flatMap((page) => pageFaults(page).map((message) => faultAt(page.name, 1, message))),
    ...pages.flatMap(unheardFaults),
    ...clusterFaults(pages),
    ...RULES.filter(({ id }) => !names.has(id)).map(({ id }) => faultAt(id, 1, "the rule has no page")),
  ];
}

function faultAt(name: string, line: number, message: string): Fault {
  return { file: `${FOLDER}/${name}.md`, line, rule: "runbooks", message };
}

function unheardFaults({ name, steps }: Runbook): Fault[] {
  return steps.flatMap(({ script, line }) => {
    const message = failureUnheard(script);
    return message === undefined ? [] : [faultAt(name, line, message)];
  });
}

/** Nothing here has a cluster to run these on: what they name has to be in the manifests at least. */
function clusterFaults(pages: readonly Runbook[]): Fault[] {
  const known = clusterObjects(ROOT);
  return pages.flatMap(({ name, steps }) =>
    steps.flatMap(({ script, line }) => {
      const message = unknownInCluster(script, known);
      return message === undefined ? [] : [faultAt(name, line, message)];
    }),
  );
}

function pageFaults({ name, kind, severity, fault, steps }: Runbook): string[] {
  const rule = RULES.find(({ id }) => id === name);
  return [
    ...(kind === "rule" && rule === undefined ? ["there is no such rule"] : []),
    ...(kind === "operation" && rule !== undefined ? ["it is a rule's page"] : []),
    ...(rule !== undefined && rule.severity !== severity ? [`the rule's severity is ${rule.severity}`] : []),
    ...(fault !== undefined && !existsSync(join(ROOT, `scripts/checks/faults/${fault}.ts`))
      ? [`scripts/checks/faults/${fault}.ts does not exist`]
      : []),
    ...(steps.length === 0 ? ["it has no step"] : []),
  ];
}
