import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../../../src/chain/local-node.ts";
import { CheckError } from "../../../src/core/errors.ts";
import { start } from "../support/process.ts";

const PROGRAM = "prometheus-alertmanager";
const PATIENCE_MS = 30_000;

/** A real Alertmanager. */
export interface RunningAlertmanager {
  readonly url: string;
  close(): Promise<void>;
}

export interface AlertmanagerOptions {
  /** Its files; made where it is missing. One that is started on the same folder again knows what it knew. */
  readonly folder: string;
  /** URL of a webhook that it tells everything at once; nobody without it. */
  readonly receiver?: string;
  /** A free one unless given; one that is started again takes the port it had. */
  readonly port?: number;
}

/** Starts one. @throws CheckError when it does not come up. */
export async function startAlertmanager(options: AlertmanagerOptions): Promise<RunningAlertmanager> {
  const { folder, port = (await freePorts(1))[0] } = options;
  const url = `http://127.0.0.1:${port}`;
  mkdirSync(folder, { recursive: true });
  // YAML takes JSON.
  writeFileSync(join(folder, "alertmanager.yml"), JSON.stringify(settings(options)));
  const child = start(
    [
      PROGRAM,
      `--config.file=${join(folder, "alertmanager.yml")}`,
      `--storage.path=${join(folder, "data")}`,
      "--cluster.listen-address=",
      `--web.listen-address=${new URL(url).host}`,
    ],
    { logFile: join(folder, "alertmanager.log") },
  );
  const last = performance.now() + PATIENCE_MS;
  while (!(await isReady(url))) {
    if (performance.now() > last) {
      await child.stop(0);
      throw new CheckError(`${PROGRAM} is not up\n${child.output().slice(-1000)}`);
    }
    await sleep(50);
  }
  return { url, close: async () => void (await child.stop(0)) };
}

function settings({ receiver }: AlertmanagerOptions): object {
  if (receiver === undefined) return { route: { receiver: "nobody" }, receivers: [{ name: "nobody" }] };
  const times = { group_wait: "0s", group_interval: "1s", repeat_interval: "1h" };
  return {
    route: { receiver: "webhook", group_by: ["..."], ...times },
    receivers: [{ name: "webhook", webhook_configs: [{ url: receiver, send_resolved: true }] }],
  };
}

async function isReady(url: string): Promise<boolean> {
  return await fetch(`${url}/-/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}
