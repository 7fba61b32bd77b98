import { expect } from "chai";
import type { Finding, Probe } from "../../../src/ops/alerts/finding.ts";
import { buildProbes, healthSection, type ProbeParts } from "../../../src/ops/probes/index.ts";

/** One probe of those that settings and parts make, by its name. */
export function probeOf(name: string, settings: object, parts: ProbeParts = {}): Probe {
  const probe = buildProbes(healthSection.parse(settings), parts).find((each) => each.name === name);
  if (probe === undefined) throw new Error(`there is no probe ${name}`);
  return probe;
}

/** What it finds of one subject now. */
export async function found(probe: Probe, subject = ""): Promise<Finding> {
  const findings = await probe.look();
  const finding = findings.find((each) => each.subject === subject);
  expect(finding, `${probe.name} names ${findings.map((each) => each.subject).join(", ")}`).not.to.equal(
    undefined,
  );
  return finding as Finding;
}
