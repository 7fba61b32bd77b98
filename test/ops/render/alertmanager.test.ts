import { join } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { RESPONSE_SECONDS, SEVERITIES } from "../../../src/ops/monitors/rule.ts";
import { renderAlertmanager } from "../../../src/ops/render/alertmanager.ts";
import { needs } from "../../support/needs.ts";
import { AMTOOL, onDisk, run } from "./support.ts";

interface Route {
  readonly receiver: string;
  readonly repeat_interval: string;
}
interface Receiver {
  readonly name: string;
  readonly [kind: `${string}_configs`]: readonly { readonly send_resolved: boolean }[];
}

describe("Routes of Alertmanager", () => {
  const files = renderAlertmanager();
  const config = parse(files[0]?.text ?? "") as {
    readonly route: { readonly routes: readonly Route[] };
    readonly receivers: readonly Receiver[];
  };
  let disk: ReturnType<typeof onDisk>;
  before(function () {
    needs(this, AMTOOL);
    disk = onDisk(files);
  });
  after(() => disk?.remove());

  const routed = (labels: readonly string[], receiver: string): void => {
    const file = join(disk.folder, "alertmanager.yml");
    const { status, output } = run("amtool", [
      "config",
      "routes",
      "test",
      `--config.file=${file}`,
      `--verify.receivers=${receiver}`,
      ...labels,
    ]);
    expect(status, output).to.equal(0);
  };

  it("Alertmanager takes the settings", () => {
    const { status, output } = run("amtool", ["check-config", join(disk.folder, "alertmanager.yml")]);
    expect(status, output).to.equal(0);
  });

  for (const severity of SEVERITIES)
    it(`what is ${severity} goes to its receiver, and again after the time within which somebody must act`, () => {
      routed([`severity=${severity}`, "alertname=Any", "source=watcher", "key=Any/1"], severity);
      routed([`severity=${severity}`, "alertname=Any", "source=prometheus", "resolves=state"], severity);
      const route = config.route.routes.find(({ receiver }) => receiver === severity);
      expect(route?.repeat_interval).to.equal(`${RESPONSE_SECONDS[severity] / 60}m`);
    });

  it("what only a person ends is not ended by a figure that goes down; the watcher, which knows, may end it", () => {
    const by = ["severity=critical", "alertname=RelayerNonceTaken", "resolves=hand"];
    routed([...by, "source=prometheus"], "critical-by-hand");
    routed([...by, "source=watcher"], "critical");
    for (const { name, ...kinds } of config.receivers.filter(({ name }) => name !== "heartbeat"))
      for (const each of Object.values(kinds).flat())
        expect(each.send_resolved, name).to.equal(!name.endsWith("-by-hand"));
  });

  it("the heartbeat goes to whoever listens for it, and wakes nobody", () => {
    routed(["alertname=Heartbeat", "source=prometheus", "severity=none"], "heartbeat");
  });

  it("an alert without a severity of ours wakes somebody all the same", () => {
    routed(["alertname=Foreign", "severity=warning"], "high");
    routed(["alertname=Foreign"], "high");
  });
});
