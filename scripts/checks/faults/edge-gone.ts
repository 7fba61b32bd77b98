import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fault } from "../runbook/fault.ts";
import { type OwnService, startOwnService } from "../runbook/own-service.ts";
import { PORTS } from "../runbook/ports.ts";
import { prometheusOf } from "../runbook/prometheus.ts";
import { ROOT } from "../support/process.ts";

const FOLDER = "build/runbooks/edge-watcher";
const CONFIG = `${FOLDER}/proofx.toml`;

let watcher: OwnService | undefined;

/** The watcher that sees it is the fault's own, so that the stage's has nothing to tell of. */
export const fault: Fault = {
  what: "nobody is there any more whose certificate is looked at",
  beside: true,
  alertLabels: { probe: "certificate-expiry", subject: "edge" },
  async inject(stage) {
    mkdirSync(join(ROOT, FOLDER), { recursive: true });
    writeFileSync(join(ROOT, CONFIG), configuration());
    watcher = await startOwnService(stage, "edge-watcher", ["watcher", "--config", CONFIG]);
    await (await prometheusOf(stage)).reads("edge-watcher", watcher.url);
    return { WATCHER: watcher.url, PROOFX_CONFIG: CONFIG };
  },
  async clear() {
    await watcher?.stop();
  },
};

/** Nobody has the port of "discard". */
function configuration(): string {
  const stage = readFileSync(join(ROOT, "build/runbooks/proofx.toml"), "utf8")
    .replace("build/runbooks/watcher", `${FOLDER}/watcher`)
    .replace("build/runbooks/alerts", `${FOLDER}/alerts`)
    .replace(`port = ${PORTS.watcher}`, "port = 0");
  return `${stage}\n[[health.certificates]]\nname = "edge"\naddress = "127.0.0.1:9"\n`;
}
