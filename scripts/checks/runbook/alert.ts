import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CheckError } from "../../../src/core/errors.ts";
import { readHistory } from "../../../src/ops/alerts/index.ts";
import { RULES } from "../../../src/ops/monitors/index.ts";
import type { Runbook } from "../../../src/ops/runbooks/index.ts";
import { ROOT } from "../support/process.ts";
import { duration } from "../support/table.ts";
import type { Fault } from "./fault.ts";
import { isTimed } from "./metric-faults.ts";
import { prometheusOf } from "./prometheus.ts";
import { ALERTS } from "./services.ts";
import type { Stage } from "./stage.ts";
import { STATE_ALERTS, watchState } from "./state-watcher.ts";

const PATIENCE_MS = 30_000;

/** Whether the stage's watcher tells of the page's rule: of events of the chain, the log and Aleo's ledger, as they happen. */
export function isTold({ name }: Runbook): boolean {
  const rule = RULES.find(({ id }) => id === name);
  return ["event", "log", "aleo"].includes(rule?.source.kind ?? "");
}

/**
 * Waits until somebody told of a fault: the stage's watcher, for a state one of the fault's own, for a metric Prometheus. Says how long it took.
 *
 * @param since When the fault was put in, ms since 1970.
 * @throws CheckError when nobody did.
 */
export async function alertOf(
  page: Runbook,
  fault: Fault | undefined,
  stage: Stage,
  since: number,
): Promise<string> {
  if (fault === undefined) return "";
  if (isTold(page)) return toldIn(ALERTS, page.name, since);
  if (isTimed(page, fault)) {
    await (await prometheusOf(stage)).fires(page.name, since, fault.alertLabels);
    return after(since);
  }
  const rule = RULES.find(({ id }) => id === page.name);
  if (fault.watched === undefined || rule?.source.kind !== "state") return "";
  await watchState(stage, await fault.watched(stage));
  await fault.afterWatched?.(stage);
  return toldIn(STATE_ALERTS, page.name, since);
}

function after(since: number): string {
  return `; alert ${duration((Date.now() - since) / 1000)} after it was begun`;
}

async function toldIn(folder: string, name: string, since: number): Promise<string> {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const seen = readHistory(join(ROOT, folder), { since }).some(
      (entry) => "rule" in entry && entry.rule === name,
    );
    if (seen) return after(since);
    await sleep(100);
  }
  throw new CheckError("the watcher raised no alert for it");
}
