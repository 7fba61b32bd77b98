import { join } from "node:path";
import { openLedger } from "../../aleo/ledger.ts";
import { ProofXError } from "../../core/errors.ts";
import { openConfiguredAlerts } from "../../ops/alerts/configured.ts";
import { ALEO_PROGRAMS, buildProbes, type ProbeParts } from "../../ops/probes/index.ts";
import { configuredKeyParts } from "../../ops/rotation/index.ts";
import type { WatcherSettings } from "../../services/watcher/settings.ts";
import type { WatcherParts } from "../../services/watcher/watching.ts";
import { readSection } from "../config-file.ts";
import { organisationBackups } from "../health/sources.ts";
import { logReader } from "./logs.ts";

/**
 * What the other sections of a configuration give the watcher: `[alerts]`, the states of `[health]`, `[keys]` and `[aleo]`, and
 * readers of its logs.
 *
 * @param lacks Gets what is not watched because its section cannot be used.
 * @throws InputError for a section that is wrong.
 */
export async function openWatcherParts(
  path: string,
  settings: WatcherSettings,
  lacks: (what: string) => void,
): Promise<WatcherParts> {
  const alerts = readSection(path, "alerts");
  const health = readSection(path, "health");
  const { url: configured, ...aleo } = readSection(path, "aleo");
  const url = process.env.PROOFX_ALEO_URL ?? configured;
  const parts: ProbeParts = {
    logs: settings.logs,
    backups: organisationBackups(path),
    deadLetters: join(alerts.folder, "dead-letters"),
    ...(url === undefined ? {} : { aleo: { settings: { ...aleo, url }, programs: ALEO_PROGRAMS } }),
    ...keysOf(path, lacks),
  };
  const [first = url, ...others] = settings.aleo_urls;
  const open = (node: string) => openLedger(node, { attempts: 1, timeout: aleo.request_timeout * 1000 });
  return {
    openAlerts: (onTry) => openConfiguredAlerts(alerts, { onTry }),
    probes: (chain) => buildProbes(health, { ...parts, chain }),
    logs: settings.logs.map(logReader),
    ...(first === undefined
      ? {}
      : { aleo: { nodes: [open(first), ...others.map(open)], programs: ALEO_PROGRAMS } }),
  };
}

/** Keys are looked at by name and age; no secret is needed. */
function keysOf(path: string, lacks: (what: string) => void): Pick<ProbeParts, "keys"> {
  try {
    return { keys: configuredKeyParts(path) };
  } catch (error) {
    if (!(error instanceof ProofXError)) throw error;
    lacks(`keys are not looked at: ${error.message}`);
    return {};
  }
}
