import { expect } from "chai";
import { UnavailableError } from "../../src/core/errors.ts";
import type { Probe } from "../../src/ops/alerts/finding.ts";
import { examineHealth, PARTS, screenOf } from "../../src/ops/health/index.ts";
import { RULES } from "../../src/ops/monitors/index.ts";
import { PROBES, SERVICES } from "../../src/ops/probes/index.ts";

describe("health", () => {
  const probe = (name: string, look: Probe["look"]): Probe => ({ name, every: 60, look });

  it("shows every probe and every service in one part, and every state that a rule is about is a probe's", () => {
    const shown = [...PARTS.flatMap(({ probes }) => probes), "service-down"];
    expect(shown).to.have.members(Object.keys(PROBES));
    expect(PARTS.flatMap(({ service }) => service ?? [])).to.have.members([...SERVICES]);
    const states = RULES.flatMap(({ source }) => (source.kind === "state" ? [source.probe] : []));
    expect(states.filter((name) => !(name in PROBES))).to.deep.equal([]);
    expect(Object.keys(PROBES).filter((name) => !states.includes(name))).to.deep.equal(["paused"]);
  });

  it("is not well while something is wrong, or unknown, or a probe cannot tell its subjects", async () => {
    const well = probe("disk", async () => [{ subject: "/", breached: false, summary: "room" }]);
    const wrong = probe("keys-due", async () => [
      { subject: "a", breached: false, summary: "a is young" },
      { subject: "b", breached: true, summary: "b is OVERDUE" },
    ]);
    const unknown = probe("certificate-expiry", async () => [
      { subject: "log", breached: undefined, summary: "log shows none" },
    ]);
    const silent = probe("timelock-ready", async () => {
      throw new UnavailableError("no node answers");
    });
    expect((await examineHealth({ probes: [well] })).ok).to.equal(true);
    for (const bad of [wrong, unknown, silent])
      expect((await examineHealth({ probes: [well, bad] })).ok, bad.name).to.equal(false);
    const health = await examineHealth({ probes: [well, wrong, unknown, silent] });
    const status = Object.fromEntries(health.parts.map((part) => [part.part, part.status]));
    expect(status).to.include({ disk: "ok", keys: "wrong", certificates: "unknown", timelock: "unknown" });
    expect(status).to.include({ prover: "absent" });
    const screen = screenOf(health).join("\n");
    expect(screen).to.include("b is OVERDUE").and.not.to.include("a is young");
    expect(screen)
      .to.include("next: npx proofx runbook show KeyRotationDue")
      .and.to.include("no node answers");
    expect(screenOf(health, true).join("\n")).to.include("a is young");
  });

  it("lets a defect of ours be one", async () => {
    const broken = probe("disk", async () => {
      throw new TypeError("undefined is not a function");
    });
    const error = await examineHealth({ probes: [broken] }).catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(TypeError);
  });
});
