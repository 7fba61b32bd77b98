import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A real Alertmanager that tells a webhook everything at once. */
export interface AlertmanagerServer {
  readonly url: string;
  close(): Promise<void>;
}

/** @param port 0 for a free one; a restarted one takes the port it had. */
export async function startAlertmanager(
  folder: string,
  receiver: string,
  port = 0,
): Promise<AlertmanagerServer> {
  mkdirSync(folder, { recursive: true });
  const config = {
    route: {
      receiver: "stub",
      group_by: ["..."],
      group_wait: "0s",
      group_interval: "1s",
      repeat_interval: "1h",
    },
    receivers: [{ name: "stub", webhook_configs: [{ url: receiver, send_resolved: true }] }],
  };
  // YAML takes JSON.
  writeFileSync(join(folder, "alertmanager.yml"), JSON.stringify(config));
  const child = spawn(
    "prometheus-alertmanager",
    [
      `--config.file=${join(folder, "alertmanager.yml")}`,
      `--storage.path=${join(folder, "data")}`,
      "--cluster.listen-address=",
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const address = await listening(child);
  return {
    url: `http://${address}`,
    close: () =>
      new Promise((resolve) => {
        child.once("close", () => resolve());
        child.kill("SIGKILL");
      }),
  };
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.once("error", reject);
    child.once("close", () => reject(new Error(`prometheus-alertmanager ended: ${said}`)));
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const address = /msg="Listening on" address=(\S+)/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
}
