import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { alertsProbes } from "../../src/cli/doctor/alerts.ts";
import { EXIT } from "../../src/core/errors.ts";
import { type Alerts, openAlerts } from "../../src/ops/alerts/index.ts";
import { anAlert, RecordingSink } from "../ops/alerts/support.ts";
import { type StubReceiver, startStub } from "../ops/sinks/stub-receiver.ts";
import { type ProofxResult, proofx } from "../support/proofx.ts";

const KEY = anAlert().key;

describe("proofx alerts", function () {
  this.timeout(60_000);
  let folder: string;
  let stub: StubReceiver;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "proofx-alerts-"));
    stub = await startStub();
    writeFileSync(join(folder, "routing-key"), "R0UTINGKEY0123456789", { mode: 0o600 });
    writeFileSync(join(folder, "slack"), `${stub.url}/services/T0/B0/s3cret-part`, { mode: 0o600 });
    writeFileSync(
      join(folder, "proofx.toml"),
      `[alerts]
folder = "${join(folder, "alerts")}"
[[alerts.sink]]
kind = "pagerduty"
name = "on-call"
severities = ["critical", "high"]
routing_key_file = "${join(folder, "routing-key")}"
url = "${stub.url}/v2/enqueue"
interval = 0
[[alerts.sink]]
kind = "slack"
name = "channel"
url_file = "${join(folder, "slack")}"
interval = 0
`,
    );
  });
  afterEach(async () => {
    await stub.close();
    rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]): Promise<ProofxResult> =>
    proofx(["alerts", ...args, "--config", join(folder, "proofx.toml")]);
  /** What a watcher does before commands come. */
  const raise = async (work: (alerts: Alerts) => Promise<void>) => {
    const sinks = [new RecordingSink("on-call"), new RecordingSink("channel")];
    const alerts = openAlerts({ folder: join(folder, "alerts"), sinks });
    await work(alerts);
    await alerts.drained(5_000);
    await alerts.close();
  };

  it("list what is open, let somebody take it and end it, and sum up the day", async () => {
    const none = await run("list");
    expect([none.code, none.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === EXIT.unavailable && text.includes("[alerts]"),
    );
    await raise((alerts) => alerts.raise([anAlert({ since: new Date().toISOString() })]));
    expect((await run("list")).stdout)
      .to.contain(`critical`)
      .and.contain(KEY)
      .and.contain("docs/runbooks/RoleGranted.md");
    stub.answers.push({ status: 429, headers: { "retry-after": "1" } });
    const taken = await run("acknowledge", KEY, "--by", "alice");
    expect(taken.stdout, taken.stderr).to.contain("Every sink that is concerned was told.");
    const ended = await run("resolve", KEY, "--by", "bob", "--json");
    expect(JSON.parse(ended.stdout)).to.include({ key: KEY, by: "bob", delivery: "delivered" });
    const told = stub.got.map(({ body }) => body.event_action ?? body.text.slice(0, 14));
    expect(told, "one came twice").to.have.length(5);
    expect([...new Set(told)]).to.have.members([
      ...["acknowledge", "resolve", "[ACKNOWLEDGED]", "[RESOLVED] Rol"],
    ]);
    const { stdout } = await run("summary", "--last", "24h");
    expect(stdout).to.contain("1 alert from ").and.contain(": 1 critical");
    expect(stdout).to.contain("RoleGranted: 1 (1 resolved, 0 retracted; answered in time 1, late 0)");
    expect(stdout).to.contain("on-call: 3 delivered");
    expect((await run("history", "--last", "1h")).stdout).to.contain(`acknowledged   ${KEY} by alice`);
  });

  it("test each sink, and say with exit code 1 which one failed and why, without its secret", async () => {
    stub.answers.push({ status: 202 }, { status: 202 }, { status: 403, text: "invalid_token s3cret-part" });
    const { code, stdout } = await run("test", "--json");
    expect(code).to.equal(EXIT.failed);
    const { sinks } = JSON.parse(stdout);
    expect(sinks.map(({ sink, ok }: { sink: string; ok: boolean }) => [sink, ok])).to.deep.equal([
      ["on-call", true],
      ["channel", false],
    ]);
    expect(sinks[1].reason).to.equal("channel answered 403: invalid_token (hidden)");
    expect(stub.got.slice(0, 2).map(({ body }) => [body.event_action, body.payload?.severity])).to.deep.equal(
      [
        ["trigger", "info"],
        ["resolve", undefined],
      ],
    );
    expect((await run("test", "--sink", "channel")).code, "that one alone").to.equal(EXIT.ok);
    expect(stub.got).to.have.length(5);
  });

  it("act where the watcher keeps alerts, and nowhere else", async () => {
    const acts = [
      ["silence", "--for", "1h", "--reason", "upgrade"],
      ["acknowledge", KEY],
      ["dead-letters", "retry", "--all"],
      ["list"],
    ];
    for (const act of acts) {
      const { code, stderr } = await run(...act);
      expect(code, act.join(" ")).to.equal(EXIT.unavailable);
      expect(stderr).to.contain("there are no alerts in").and.contain("[alerts]");
      expect(existsSync(join(folder, "alerts")), "nothing is made").to.equal(false);
    }
  });

  it("silence what the watcher tells, and say what silences the rest", async () => {
    await raise(async () => undefined);
    const window = ["--for", "1h", "--reason", "it's an upgrade", "--by", "alice"];
    const refused = await run("silence", "--rule", "DiskFilling", "--rule", "CpuHigh", ...window);
    expect(refused.code).to.equal(EXIT.badInput);
    expect(refused.stderr).to.contain("amtool silence add 'alertname=~CpuHigh' '--start=");
    expect((await run("silences")).stdout).to.contain("Nothing is silenced.");
    const all = await run("silence", "--severity", "high", "--severity", "low", ...window, "--json");
    expect(JSON.parse(all.stdout).alertmanager)
      .to.contain("'source=prometheus' 'alertname!=Heartbeat' 'severity=~high|low' '--start=")
      .and.contain("'--author=alice' '--comment=it'\\''s an upgrade'");
  });

  it("silence a rule for a while, and refuse to silence critical ones for a night", async () => {
    await raise(async () => undefined);
    const made = await run(
      "silence",
      "--rule",
      "DiskFilling",
      "--for",
      "8h",
      "--reason",
      "new disks",
      "--json",
    );
    expect(made.code, made.stderr).to.equal(EXIT.ok);
    const { id } = JSON.parse(made.stdout).silence;
    expect((await run("silences")).stdout)
      .to.contain(id)
      .and.contain("DiskFilling, every severity: new disks");
    const night = await run("silence", "--for", "8h", "--reason", "sleep");
    expect(night.code).to.equal(EXIT.refused);
    expect(night.stderr).to.contain("not silenced for more than 4 hours");
    expect((await run("unsilence", id, "--by", "bob")).code).to.equal(EXIT.ok);
  });

  it("show dead letters with exit code 1, and send them again", async () => {
    await raise(async (alerts) => {
      await alerts.raise([anAlert({ key: "early" })]);
    });
    stub.answers.push({ status: 400, text: "bad" });
    expect((await run("acknowledge", "early")).code).to.equal(EXIT.ok);
    const listed = await run("dead-letters", "list");
    expect(listed.code).to.equal(EXIT.failed);
    expect(listed.stdout).to.contain("answered 400: bad");
    const again = await run("dead-letters", "retry", "--all");
    expect(again.code, again.stderr).to.equal(EXIT.ok);
    expect(stub.got).to.have.length(3);
  });

  it("are looked at by doctor: folder and secrets, without a word to the sinks", async () => {
    const look = () =>
      Promise.all(
        alertsProbes(join(folder, "proofx.toml")).map(async (probe) => (await probe.look()).status),
      );
    expect(await look()).to.deep.equal(["ok", "ok"]);
    chmodSync(join(folder, "slack"), 0o644);
    expect(await look()).to.deep.equal(["ok", "lack"]);
    expect(stub.got).to.deep.equal([]);
  });
});
