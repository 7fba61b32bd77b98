import { readFileSync } from "node:fs";
import { z } from "zod";
import { ProofXError } from "../../../src/core/errors.ts";
import { readToml } from "../../../src/core/toml.ts";
import { type Alert, isFor, openAlerts } from "../../../src/ops/alerts/index.ts";
import { type AlertsSettings, alertsSection, openSinks } from "../../../src/ops/sinks/index.ts";

/** Milliseconds that a task waits for sinks; what is queued then is delivered by the watcher, or the next task. */
const PATIENCE = 15_000;

const configFile = z.looseObject({ alerts: alertsSection.prefault({}) });

/** `[alerts]` of the file that PROOFX_CONFIG names; undefined without one. */
export function alertsSettings(): AlertsSettings | undefined {
  const file = process.env.PROOFX_CONFIG;
  return file === undefined ? undefined : readToml(configFile, readFileSync(file, "utf8"), file).alerts;
}

/**
 * Hands alerts to the sinks; those that are down keep nobody from working.
 *
 * @returns one line that says what became of them.
 */
export async function tellSinks(alerts: readonly Alert[]): Promise<string> {
  const settings = alertsSettings();
  if (settings === undefined || settings.sink.length === 0)
    return "nobody was told: [alerts] of the configuration has no sink";
  try {
    const sinks = await openSinks(settings);
    const names = sinks
      .filter((sink) => alerts.some((alert) => isFor(sink, alert)))
      .map(({ name }) => name)
      .join(", ");
    if (names === "") return "nobody was told: no sink of [alerts] takes this";
    const opened = openAlerts({
      folder: settings.folder,
      sinks,
      deliver: "if-free",
      giveUpAfter: settings.give_up_after * 1000,
    });
    try {
      await opened.raise(alerts);
      if (!opened.delivers) return `queued for ${names}, which the watcher delivers`;
      return (await opened.drained(PATIENCE))
        ? `told ${names}`
        : `queued for ${names}: not all have taken it yet`;
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (!(error instanceof ProofXError)) throw error;
    return `sinks were not told: ${error.message}`;
  }
}
