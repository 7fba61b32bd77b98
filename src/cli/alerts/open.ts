import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { UnavailableError } from "../../core/errors.ts";
import { openConfiguredAlerts } from "../../ops/alerts/configured.ts";
import { databasePath } from "../../ops/alerts/database.ts";
import { type Alerts, openAlerts } from "../../ops/alerts/index.ts";
import type { AlertsSettings } from "../../ops/sinks/index.ts";
import { configPath, readSection } from "../config-file.ts";

/** Milliseconds that a command waits for what it queued to be delivered. */
const DELIVERY = 10_000;
const LOOK = 100;

export interface ConfigOption {
  readonly config?: string;
  readonly json?: boolean;
}

export const alertsSettings = ({ config }: ConfigOption): AlertsSettings =>
  readSection(configPath(config), "alerts");

/** Looks at the alerts there are; no secret is read and nothing is sent. */
export async function look<T>(options: ConfigOption, read: (alerts: Alerts) => T | Promise<T>): Promise<T> {
  const { folder } = alertsSettings(options);
  mustBeThere(folder);
  const alerts = openAlerts({ folder, sinks: [], deliver: false });
  try {
    return await read(alerts);
  } finally {
    await alerts.close();
  }
}

/** Whoever acts on a folder of nobody's would be told that it is done, and the watcher would hear nothing of it. */
function mustBeThere(folder: string): void {
  if (existsSync(databasePath(folder))) return;
  throw new UnavailableError(`there are no alerts in ${folder}`, {
    next: "name the watcher's folder under [alerts] of the configuration; its first start makes it",
  });
}

/** What became of the messages that a command queued. */
export type Delivered = "delivered" | "queued" | "left to the watcher";

/** Does something to the alerts and tells the sinks: by itself, or through the watcher that runs. */
export async function act<T>(
  options: ConfigOption,
  work: (alerts: Alerts) => Promise<T>,
): Promise<{ readonly result: T; readonly delivery: Delivered }> {
  const settings = alertsSettings(options);
  mustBeThere(settings.folder);
  const alerts = await openConfiguredAlerts(settings, { deliver: "if-free" });
  try {
    const result = await work(alerts);
    if (!alerts.delivers) return { result, delivery: "left to the watcher" };
    // A sink that asks for a second gets it.
    for (const end = Date.now() + DELIVERY; Date.now() < end; await sleep(LOOK))
      if (await alerts.drained(end - Date.now())) return { result, delivery: "delivered" };
    return { result, delivery: "queued" };
  } finally {
    await alerts.close();
  }
}

export const SENT: Readonly<Record<Delivered, string>> = {
  delivered: "Every sink that is concerned was told.",
  queued: "A sink cannot be told now; the watcher tries again. npx proofx alerts summary says which.",
  "left to the watcher": "The watcher that runs tells the sinks.",
};

/** Who acts, for the record: as given, else the system's user. */
export const whoActs = (by: string | undefined): string => by ?? userInfo().username;
