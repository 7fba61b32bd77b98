import { join } from "node:path";
import { abiOf } from "../../../src/chain/artifacts.ts";
import { findRuleFaults, findUnwatched } from "../../../src/ops/monitors/check.ts";
import { RULES } from "../../../src/ops/monitors/index.ts";
import { UNWATCHED } from "../../../src/ops/monitors/unwatched.ts";
import { PROBES } from "../../../src/ops/probes/names.ts";
import { compareFolder } from "../../../src/ops/render/compare.ts";
import { renderTarget, SHARED } from "../../../src/ops/render/targets.ts";
import { KEY_EVENTS } from "../../../src/sequencer/verify/keys.ts";
import type { Fault } from "../support/sources.ts";
import { registeredMetrics } from "./registered.ts";

/**
 * Rules that name what is not there: an event or argument that no ABI has, a probe, a metric or a label that nobody
 * registers, a page that nobody wrote; and events that no rule watches.
 *
 * @param files The repository's, relative to its root.
 */
export function findMonitorFaults(files: readonly string[]): Fault[] {
  const facts = {
    abis: {
      ProofXVerifier: abiOf("ProofXVerifier"),
      AnchorRegistry: abiOf("AnchorRegistry"),
      TimelockController: abiOf("TimelockController"),
    },
    probes: new Set(Object.keys(PROBES)),
    metrics: registeredMetrics(),
    eventTypes: new Set([...KEY_EVENTS, "proofx.schema.set"]),
    pages: new Set(files.filter((file) => file.startsWith("docs/runbooks/"))),
  };
  const found = [...findRuleFaults(RULES, facts), ...findUnwatched(RULES, facts.abis, UNWATCHED)];
  return found.map(({ rule, message }) => ({
    file: "src/ops/monitors/rules",
    line: 1,
    rule,
    message,
  }));
}

/** Renderings under `infra/monitoring` that are not what the rules give. */
export async function findStaleRenderings(root: string): Promise<Fault[]> {
  const folder = "infra/monitoring";
  const files = (await Promise.all(SHARED.map((target) => renderTarget(target)))).flat();
  return compareFolder(join(root, folder), files).map(({ path, is, line = 1 }) => ({
    file: `${folder}/${path}`,
    line,
    rule: "rendered",
    message: `is ${is}`,
  }));
}
