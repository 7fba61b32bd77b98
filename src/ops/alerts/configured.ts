import { setTimeout as sleep } from "node:timers/promises";
import { RefusedError } from "../../core/errors.ts";
import { RULES } from "../monitors/index.ts";
import { type AlertsSettings, openSinks } from "../sinks/index.ts";
import type { Alerts, AlertsOptions } from "./alerts.ts";
import { openAlerts } from "./open.ts";

export { type AlertsSettings, alertsSection } from "../sinks/index.ts";

/** Milliseconds that a command may deliver beside a watcher that starts. */
const PATIENCE = 30_000;
const LOOK = 200;

/**
 * Opens alerts as `[alerts]` says, with the secrets of its sinks. Waits for a command that delivers in the meantime.
 *
 * @throws RefusedError while another watcher delivers; what {@link openSinks} and {@link openAlerts} throw.
 */
export async function openConfiguredAlerts(
  settings: AlertsSettings,
  options: Pick<AlertsOptions, "onTry" | "deliver"> = {},
): Promise<Alerts> {
  const sinks = await openSinks(settings);
  const all: AlertsOptions = {
    ...options,
    folder: settings.folder,
    sinks,
    giveUpAfter: settings.give_up_after * 1000,
    severityOf: (rule) => RULES.find(({ id }) => id === rule)?.severity,
  };
  for (const end = Date.now() + PATIENCE; ; await sleep(LOOK)) {
    try {
      return openAlerts(all);
    } catch (error) {
      if (!(error instanceof RefusedError) || Date.now() > end) throw error;
    }
  }
}
