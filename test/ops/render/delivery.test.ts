import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse, stringify } from "yaml";
import { renderAlertmanager } from "../../../src/ops/render/alertmanager.ts";
import { renderPrometheus } from "../../../src/ops/render/prometheus.ts";
import { type RunningHttp, startHttp } from "../../../src/services/support/http.ts";
import { createLog } from "../../../src/services/support/log.ts";
import { createMetrics } from "../../../src/services/support/metrics.ts";
import { Problem } from "../../../src/services/support/problem.ts";
import { httpSettings } from "../../../src/services/support/settings.ts";
import { needs } from "../../support/needs.ts";
import { type StubReceiver, startStub } from "../sinks/stub-receiver.ts";
import { type Server, startServer } from "./server.ts";
import { ALERTMANAGER, onDisk, PROMTOOL } from "./support.ts";

/** The rendered settings, but for where everything is and how long Prometheus and Alertmanager take their time. */
const HURRY = { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" };

describe("From a service's metrics to whoever is on call, through the rendered settings", function () {
  this.timeout(60_000);
  let disk: ReturnType<typeof onDisk>;
  let receiver: StubReceiver;
  let alertmanager: Server;

  before(async function () {
    needs(this, ALERTMANAGER);
    needs(this, { ...PROMTOOL, command: "prometheus" });
    disk = onDisk([...renderAlertmanager(), ...renderPrometheus()]);
    receiver = await startStub();
    writeAlertmanager(disk.folder, receiver.url);
    alertmanager = await startServer(
      "prometheus-alertmanager",
      [
        `--config.file=${join(disk.folder, "alertmanager.yml")}`,
        `--storage.path=${join(disk.folder, "alertmanager")}`,
        "--cluster.listen-address=",
      ],
      disk.folder,
    );
  });
  after(async () => {
    await alertmanager?.close();
    await receiver?.close();
    disk?.remove();
  });

  const post = async (labels: Record<string, string>, annotations: Record<string, string>, endsAt?: Date) => {
    const body = JSON.stringify([
      {
        labels,
        annotations,
        startsAt: new Date(Date.now() - 1000).toISOString(),
        ...(endsAt === undefined ? {} : { endsAt: endsAt.toISOString() }),
      },
    ]);
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${alertmanager.url}/api/v2/alerts`, { method: "POST", headers, body });
    expect(answer.status).to.equal(200);
  };
  const told = (path: string, words: string) =>
    receiver.got.filter((each) => each.path === path && each.text.includes(words));

  it("a state that the watcher has told of is not told again by Prometheus; its end is told", async () => {
    const state = { alertname: "HeadsApart", severity: "critical", subject: "stream-7" };
    const page = { summary: "chain and log are apart at 41", runbook: "docs/runbooks/HeadsApart.md" };
    const watcher = { ...state, source: "watcher", key: "HeadsApart/stream-7", probe: "heads-apart" };
    await post(watcher, { ...page, phase: "open", details: "batch=41" });
    await until(() => told("/slack", "chain and log are apart at 41").length > 0);
    await until(() => told("/pagerduty", "chain and log are apart at 41").length > 0);
    const [paged] = told("/pagerduty", "chain and log are apart at 41");
    expect(paged?.body).to.include({ event_action: "trigger", routing_key: "a-routing-key" });
    expect(paged?.body.payload.severity).to.equal("critical");
    const [chat] = told("/slack", "chain and log are apart at 41");
    expect(chat?.text).to.include("FIRING: HeadsApart, critical");
    expect(chat?.text).to.include("[open] (batch=41)").and.to.include("docs/runbooks/HeadsApart.md");

    await post({ ...state, source: "prometheus", resolves: "state" }, { ...page, summary: "second-hand" });
    await post({ ...state, subject: "stream-8", source: "prometheus", resolves: "state" }, page);
    await until(() => told("/slack", "chain and log are apart at 41").length > 1);
    expect(told("/slack", "second-hand")).to.deep.equal([]);

    await post(watcher, { ...page, phase: "resolved" }, new Date());
    await until(() => told("/pagerduty", '"event_action":"resolve"').length > 0);
  });

  it("strangers at a service's door are counted, judged by the rule, and told of", async () => {
    const service = await startDoor();
    let prometheus: Server | undefined;
    try {
      writePrometheus(disk.folder, service.url, alertmanager.url);
      prometheus = await startServer(
        "prometheus",
        [
          `--config.file=${join(disk.folder, "prometheus/prometheus.yml")}`,
          `--storage.tsdb.path=${join(disk.folder, "tsdb")}`,
          // What it says before it has found Alertmanager is lost, and said again.
          "--rules.alert.resend-delay=1s",
        ],
        disk.folder,
      );
      const { url } = prometheus;
      await until(async () => (await query(url, "proofx_sequencer_http_denied_total")) === 0);
      for (let i = 0; i < 12; i++) expect((await fetch(`${service.url}/v1/door`)).status).to.equal(401);
      await until(() => told("/pagerduty", "AuthenticationFailing").length > 0);
      await until(() => told("/heartbeat", "Heartbeat").length > 0);
      const [paged] = told("/pagerduty", "AuthenticationFailing");
      expect(paged?.text).to.include("service=sequencer");
      const cpu = "sum by (service, instance) (rate(process_cpu_seconds_total[1m]))";
      const share = `${cpu} / sum by (service, instance) ({__name__=~"proofx_.+_processors"})`;
      expect(await query(url, share), "both have the same labels").to.be.within(0, 1.5);
    } finally {
      await prometheus?.close();
      await service.close();
    }
  });
});

/** A sequencer's door: its metrics, and nobody is let in. */
function startDoor(): Promise<RunningHttp> {
  return startHttp(
    {
      name: "sequencer",
      description: "",
      problems: { unauthorized: { status: 401, title: "", remedy: "" } },
      metrics: createMetrics("sequencer"),
      log: createLog("sequencer", "silent"),
      routes: (server) =>
        server.get("/v1/door", async () => {
          throw new Problem("unauthorized", "nobody is let in");
        }),
      obstacles: async () => [],
    },
    httpSettings.parse({ port: 0, stop_timeout: 1 }),
  );
}

function writeAlertmanager(folder: string, receiver: string): void {
  const secrets = join(folder, "secrets");
  mkdirSync(secrets);
  writeFileSync(join(secrets, "slack-url"), `${receiver}/slack`);
  writeFileSync(join(secrets, "pagerduty-routing-key"), "a-routing-key");
  writeFileSync(join(secrets, "smtp-password"), "");
  const [file] = renderAlertmanager();
  const config = parse((file?.text ?? "").replaceAll("/etc/alertmanager/secrets", secrets));
  config.global.pagerduty_url = `${receiver}/pagerduty`;
  // A mail server that does not answer would hold up what comes after.
  for (const each of config.receivers) delete each.email_configs;
  for (const route of config.route.routes) route.group_interval = "1s";
  for (const { webhook_configs = [] } of config.receivers)
    for (const each of webhook_configs) each.url = `${receiver}/heartbeat`;
  writeFileSync(join(folder, "alertmanager.yml"), stringify(config));
}

function writePrometheus(folder: string, service: string, alertmanager: string): void {
  const file = renderPrometheus().find(({ path }) => path === "prometheus/prometheus.yml");
  const config = parse(file?.text ?? "");
  config.global = HURRY;
  config.alerting.alertmanagers[0].static_configs[0].targets = [new URL(alertmanager).host];
  config.scrape_configs = [{ job_name: "sequencer", static_configs: [{ targets: [new URL(service).host] }] }];
  writeFileSync(join(folder, "prometheus/prometheus.yml"), stringify(config));
}

/** The value of an expression that has one series. */
async function query(url: string, expression: string): Promise<number | undefined> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
  if (!answer.ok) return undefined;
  const body = (await answer.json()) as { data: { result: readonly { value: [number, string] }[] } };
  const value = body.data.result[0]?.value[1];
  return value === undefined ? undefined : Number(value);
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("it did not come to that");
}
