import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type RunningAlertmanager, startAlertmanager } from "../../../scripts/checks/runbook/alertmanager.ts";
import { readFields } from "../../../src/core/json.ts";
import { type Alerts, openAlerts } from "../../../src/ops/alerts/index.ts";
import { alertsSection, openSinks } from "../../../src/ops/sinks/index.ts";
import { needs } from "../../support/needs.ts";
import { anAlert } from "../alerts/support.ts";
import { type StubReceiver, startStub } from "./stub-receiver.ts";

describe("A real Alertmanager", function () {
  this.timeout(60_000);
  let folder: string;
  let stub: StubReceiver;
  let server: RunningAlertmanager;
  let alerts: Alerts | undefined;
  before(function () {
    needs(this, {
      command: "prometheus-alertmanager",
      install: "apt-get install --no-install-recommends prometheus-alertmanager",
    });
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "proofx-alertmanager-"));
    stub = await startStub();
    server = await startAlertmanager({ folder: join(folder, "alertmanager"), receiver: stub.url });
  });
  afterEach(async () => {
    await alerts?.close();
    alerts = undefined;
    await server.close();
    await stub.close();
    rmSync(folder, { recursive: true });
  });

  async function open(): Promise<Alerts> {
    const sink = [{ kind: "alertmanager", name: "am", urls: [server.url] }];
    const settings = readFields(alertsSection, { folder: join(folder, "alerts"), sink }, "t.toml");
    alerts = openAlerts({ folder: settings.folder, sinks: await openSinks(settings) });
    return alerts;
  }
  /** Alerts that it holds for active, by their keys. */
  async function held(): Promise<{ key: string; endsAt: string; phase: string }[]> {
    const answer = await fetch(`${server.url}/api/v2/alerts`);
    const list = (await answer.json()) as {
      labels: Record<string, string>;
      annotations: Record<string, string>;
      endsAt: string;
    }[];
    return list.map(({ labels, annotations, endsAt }) => ({
      key: labels.key ?? "",
      endsAt,
      phase: annotations.phase ?? "",
    }));
  }
  /** The first message to its own receiver that fits. */
  async function told(status: string): Promise<{ labels: Record<string, string> }> {
    for (;;) {
      const message = stub.got.find(({ body }) => body.status === status);
      if (message !== undefined) return message.body.alerts[0];
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it("fires, holds one alert through its phases, and resolves", async () => {
    const opened = await open();
    await opened.raise([anAlert({ phase: "unconfirmed", labels: { "policy-id": "7", empty: "" } })]);
    await opened.drained(10_000);
    await opened.raise([anAlert({ labels: { "policy-id": "7", empty: "" } })]);
    await opened.drained(10_000);
    const list = await held();
    expect(list.map(({ key, phase }) => [key, phase])).to.deep.equal([[anAlert().key, "open"]]);
    expect(Date.parse(list[0]?.endsAt ?? "")).to.be.greaterThan(Date.now() + 23 * 3_600_000);
    expect((await told("firing")).labels).to.deep.equal({
      alertname: "RoleGranted",
      severity: "critical",
      key: anAlert().key,
      source: "watcher",
      policy_id: "7",
    });
    await opened.resolve(anAlert().key, "alice");
    expect(await opened.drained(10_000)).to.equal(true);
    expect((await told("resolved")).labels.key).to.equal(anAlert().key);
    expect(await held()).to.deep.equal([]);
  });

  it("is told again what lasts, also when it forgot everything and the watcher was killed in between", async () => {
    const opened = await open();
    await opened.raise([anAlert(), anAlert({ key: "Paused/verifier", rule: "Paused" })]);
    await opened.drained(10_000);
    await opened.close();
    const port = Number(new URL(server.url).port);
    await server.close();
    rmSync(join(folder, "alertmanager"), { recursive: true });
    server = await startAlertmanager({ folder: join(folder, "alertmanager"), receiver: stub.url, port });
    expect(await held()).to.deep.equal([]);
    const again = await open();
    await again.keepAlive();
    expect((await held()).map(({ key }) => key)).to.have.members([anAlert().key, "Paused/verifier"]);
  });

  it("takes an alert whose block has a time ahead of the clock here, and its end", async () => {
    const opened = await open();
    await opened.raise([anAlert({ since: new Date(Date.now() + 60_000).toISOString() })]);
    expect(await opened.drained(10_000)).to.equal(true);
    expect(opened.deadLetters()).to.deep.equal([]);
    expect(await held()).to.have.length(1);
    await opened.resolve(anAlert().key, "alice");
    expect(await opened.drained(10_000)).to.equal(true);
    expect(await held()).to.deep.equal([]);
  });
});
