import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RunningAlertmanager, startAlertmanager } from "../runbook/alertmanager.ts";
import type { Fault } from "../runbook/fault.ts";
import { ROOT } from "../support/process.ts";

const CONFIG = "build/runbooks/sinks.toml";
let alertmanager: RunningAlertmanager | undefined;

export const fault: Fault = {
  what: "the watcher watches, and there is an Alertmanager",
  needs: "prometheus-alertmanager",
  async inject(stage) {
    await stage.service("watcher");
    alertmanager = await startAlertmanager({ folder: join(ROOT, "build/runbooks/alertmanager") });
    const text = readFileSync(join(ROOT, stage.env.PROOFX_CONFIG ?? ""), "utf8");
    const sink = `\n[[alerts.sink]]\nkind = "alertmanager"\nname = "on-call"\nurls = ["${alertmanager.url}"]\n`;
    writeFileSync(
      join(ROOT, CONFIG),
      text.replace(/^\[alerts\]\n(.+\n)*/m, (own) => `${own}${sink}`),
    );
    return { PROOFX_CONFIG: CONFIG, ALERTMANAGER: alertmanager.url };
  },
  async clear() {
    await alertmanager?.close();
    alertmanager = undefined;
  },
};
