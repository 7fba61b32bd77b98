import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { InputError, RefusedError } from "../../../src/core/errors.ts";
import { type Alerts, openAlerts, type SilenceRequest } from "../../../src/ops/alerts/index.ts";
import { anAlert, RecordingSink, START } from "./support.ts";

const KEY = anAlert().key;
const HOUR = 3_600_000;

describe("Maintenance windows", () => {
  let folder: string;
  let clock: number;
  let sink: RecordingSink;
  let alerts: Alerts;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "proofx-silences-"));
    clock = START;
    sink = new RecordingSink();
    alerts = open();
  });
  afterEach(async () => {
    await alerts.close();
    rmSync(folder, { recursive: true });
  });

  const open = () =>
    openAlerts({
      folder,
      sinks: [sink],
      now: () => clock,
      severityOf: (rule) => (rule === "DiskFilling" ? "high" : undefined),
    });
  const silence = (more: Partial<SilenceRequest> = {}) =>
    alerts.silence({ until: clock + HOUR, reason: "upgrade", by: "alice", ...more });
  /** The window's end is noticed by a look that this waits for. */
  async function afterLook(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 350));
    await alerts.drained(2_000);
  }
  const errorOf = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  it("keep quiet what begins in them, and tell what lasts when they end by themselves", async () => {
    await silence({ rules: ["RoleGranted"] });
    const brief = anAlert({ key: "brief" });
    await alerts.raise([anAlert(), brief, anAlert({ key: "Paused/v", rule: "Paused" })]);
    await alerts.raise([{ ...brief, phase: "resolved" }]);
    await alerts.drained(2_000);
    expect(sink.got).to.deep.equal(["open Paused/v"]);
    expect(alerts.records().find(({ alert }) => alert.key === KEY)?.silencedUntil).to.equal(
      new Date(START + HOUR).toISOString(),
    );
    clock += HOUR;
    await afterLook();
    expect(sink.got).to.deep.equal(["open Paused/v", `open ${KEY}`]);
    expect(alerts.silences()).to.deep.equal([]);
  });

  it("are told of by a later look when the disk does not take it as they end", async () => {
    await silence();
    await alerts.raise([anAlert()]);
    const other = new DatabaseSync(join(folder, "alerts.db"));
    other.exec("CREATE TRIGGER full BEFORE INSERT ON queue BEGIN SELECT RAISE(ABORT, 'full'); END");
    clock += HOUR;
    await afterLook();
    other.exec("DROP TRIGGER full");
    other.close();
    await afterLook();
    expect(sink.got).to.deep.equal([`open ${KEY}`]);
  });

  it("let through the end of what was told before", async () => {
    await alerts.raise([anAlert({ phase: "unconfirmed" })]);
    await alerts.drained(2_000);
    await silence();
    await alerts.raise([anAlert()]);
    await alerts.raise([anAlert({ phase: "resolved" })]);
    await alerts.drained(2_000);
    expect(sink.got).to.deep.equal([`unconfirmed ${KEY}`, `resolved ${KEY}`]);
  });

  it("end when somebody says so, and when the watcher was down as they ended", async () => {
    const { id } = await silence();
    await alerts.raise([anAlert()]);
    await alerts.unsilence(id, "bob");
    await alerts.drained(2_000);
    expect(sink.got).to.deep.equal([`open ${KEY}`]);
    expect(await errorOf(alerts.unsilence(id, "bob"))).to.be.instanceOf(InputError);
    await silence();
    await alerts.raise([anAlert({ key: "second" })]);
    await alerts.close();
    clock += HOUR;
    alerts = open();
    await alerts.drained(2_000);
    expect(sink.got).to.deep.equal([`open ${KEY}`, "open second"]);
  });

  it("may begin later, and cover only some severities", async () => {
    await silence({ from: clock + HOUR, until: clock + 9 * HOUR, severities: ["low"] });
    await alerts.raise([anAlert({ key: "before", severity: "low" })]);
    clock += HOUR;
    await alerts.raise([anAlert({ key: "within", severity: "low" }), anAlert()]);
    await alerts.drained(2_000);
    expect(sink.got).to.have.members(["open before", `open ${KEY}`]);
  });

  it("never keep critical alerts quiet for more than 4 hours on end, not by several windows either", async () => {
    const long = { until: START + 4 * HOUR + 1 };
    expect(await errorOf(silence(long)), "every rule").to.be.instanceOf(RefusedError);
    expect(await errorOf(silence({ ...long, severities: ["low", "critical"] }))).to.be.instanceOf(
      RefusedError,
    );
    expect(
      await errorOf(silence({ ...long, rules: ["Unknown"] })),
      "a rule that nobody knows",
    ).to.be.instanceOf(RefusedError);
    await silence({ ...long, rules: ["DiskFilling"] });
    await silence({ ...long, severities: ["high", "medium", "low"] });
    await silence({ until: START + 3 * HOUR, rules: ["Paused"] });
    const next = { from: START + 3 * HOUR, until: START + 5 * HOUR };
    expect(await errorOf(silence(next)), "touches the last one").to.be.instanceOf(RefusedError);
    const late = { from: next.from + 1, until: next.until };
    expect(await errorOf(silence(late)), "a moment between them").to.be.instanceOf(RefusedError);
    expect(await errorOf(silence({ ...next, rules: ["Upgraded"] })), "another rule").to.equal(undefined);
  });

  it("do not cover a critical alert of a rule that was thought to be less", async () => {
    await silence({ until: START + 24 * HOUR, rules: ["DiskFilling"] });
    await alerts.raise([anAlert({ key: "disk", rule: "DiskFilling", severity: "critical" })]);
    await alerts.drained(2_000);
    expect(sink.got).to.deep.equal(["open disk"]);
  });

  it("have an end that is to come, a reason and somebody who asked", async () => {
    for (const more of [
      { until: clock },
      { until: Number.NaN },
      { from: clock + 2 * HOUR },
      { reason: " " },
      { by: "" },
    ])
      expect(await errorOf(silence(more)), JSON.stringify(more)).to.be.instanceOf(InputError);
    expect(await errorOf(silence({ severities: ["low"], until: START + 31 * 24 * HOUR }))).to.be.instanceOf(
      RefusedError,
    );
  });
});
