import { expect } from "chai";
import { WAIT_CAUSES as RELAYER_CAUSES } from "../../../src/chain/relay/record.ts";
import { RULES, ruleOf } from "../../../src/ops/monitors/index.ts";
import { selectorsOf } from "../../../src/ops/monitors/promql.ts";
import { WAIT_CAUSES as ANCHOR_CAUSES } from "../../../src/sequencer/anchor/index.ts";
import { PROVER_PROBLEMS } from "../../../src/services/prover/problems.ts";
import { SEQUENCER_PROBLEMS } from "../../../src/services/sequencer/problems.ts";

/** Values that a label of our metrics can have, where they are a closed set. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  "proofx_anchor_streams_waiting cause": ANCHOR_CAUSES,
  "proofx_relayer_waiting cause": RELAYER_CAUSES,
  "proofx_sequencer_events_refused_total code": Object.keys(SEQUENCER_PROBLEMS),
  "proofx_sequencer_events_accepted_total repeat": ["true", "false"],
  "proofx_prover_jobs_total outcome": ["proved", ...Object.keys(PROVER_PROBLEMS)],
  "proofx_prover_queue_jobs state": ["queued", "running"],
};

describe("the rules", () => {
  for (const [id, severity, figure] of [
    ["ProofSlow", "medium", "> 3"],
    ["ProofsFailing", "high", "> 0.01"],
    ["ErrorRateHigh", "high", "> 0.01"],
    ["CpuHigh", "medium", "> 0.8"],
    ["ApiSlow", "medium", "> 1"],
    ["ApiVerySlow", "critical", "> 3"],
    ["DatabaseSlow", "medium", "> 0.5"],
    ["AuthenticationFailing", "critical", "> 10"],
    ["DecryptionFailing", "medium", "> 5"],
    ["DecryptionFailingOften", "critical", "> 20"],
    ["AttestGasSpike", "medium", ""],
  ] as const) {
    it(`${id} is ${severity} from the figure on that was asked for: ${figure || "unusual"}`, () => {
      const { source, severity: given } = ruleOf(id);
      expect(given).to.equal(severity);
      expect(source.kind === "metric" ? source.expression : "").to.match(new RegExp(`${figure}(\\D|$)`));
    });
  }

  for (const [id, severity] of [
    ["ProofRejected", "medium"],
    ["RoleGranted", "high"],
    ["RoleRevoked", "high"],
    ["Paused", "high"],
  ] as const)
    it(`${id} is ${severity}, as was asked for`, () => expect(ruleOf(id).severity).to.equal(severity));

  it("compare labels with values that these can have: a misspelt one would never match", () => {
    const compared = RULES.flatMap(({ id, source }) =>
      source.kind !== "metric"
        ? []
        : selectorsOf(source.expression).flatMap(({ name, matchers }) =>
            matchers.map(({ label, value }) => ({
              id,
              key: `${"is" in name ? name.is : ""} ${label}`,
              value,
            })),
          ),
    ).filter(({ key }) => VALUES[key] !== undefined);
    expect(compared.length).to.be.greaterThan(4);
    for (const { id, key, value } of compared)
      for (const each of value.split("|")) expect(VALUES[key], `${id}: ${key}`).to.include(each);
  });
});
