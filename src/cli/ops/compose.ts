import { ProofXError } from "../../core/errors.ts";
import { readHistory } from "../../ops/alerts/index.ts";
import type { Health } from "../../ops/health/index.ts";
import { viewChain } from "../../ops/probes/index.ts";
import {
  alertsSection,
  attestationFigures,
  contractAudit,
  dependenciesSection,
  docsSection,
  healthSection,
  partSection,
  performanceSection,
  REPORT_DAYS,
  type Report,
  type ReportKind,
  type ReportSection,
  reportOf,
  securitySection,
} from "../../ops/reports/index.ts";
import { lookAtHealth } from "../health/look.ts";
import { type HealthSources, openSources } from "../health/sources.ts";

const DAY = 86_400;
/** A page may be behind what it is about for so long. */
const DOCS_DAYS = 30;

const PERIODS: Readonly<Record<ReportKind, string>> = {
  daily: "Alerts of the last day",
  weekly: "Alerts of the last 7 days",
  monthly: "Alerts of the last 30 days",
};

/** What a report is made of. */
export interface Composition {
  /** The configuration file. */
  readonly path: string;
  /** The checkout. */
  readonly root: string;
  /** Leave out what takes minutes. */
  readonly quick: boolean;
  readonly note: (line: string) => void;
}

/** Makes the report that is read each day, week or month. */
export async function composeReport(kind: ReportKind, composition: Composition): Promise<Report> {
  const { path, note } = composition;
  const now = Date.now();
  note("health …");
  const health = await lookAtHealth(path);
  const sources = await openSources(path);
  const since = now - REPORT_DAYS[kind] * DAY * 1000;
  const common = [healthSection(health), alertsOf(sources, PERIODS[kind], since)];
  return reportOf(kind, [...common, ...(await MORE[kind](composition, health, sources, now))], now);
}

type More = (
  composition: Composition,
  health: Health,
  sources: HealthSources,
  now: number,
) => Promise<ReportSection[]>;

/** The checklists of seed 003, "Maintenance Tasks"; each begins with health and alerts. */
const MORE: Readonly<Record<ReportKind, More>> = {
  daily: async (_composition, health) => [
    partSection("Backups", "backups", health),
    partSection("Keys", "keys", health),
  ],
  weekly: async ({ root, quick, note }, health, { settings }, now) => {
    note("performance …");
    const services = Object.entries(settings.services).map(([name, url]) => ({ name, url }));
    return [
      await performanceSection(services, now),
      partSection("Aleo", "aleo", health),
      await securitySection(root, quick, note),
      await docsSection(root, DOCS_DAYS),
    ];
  },
  monthly: async ({ root, note }, _health, { chain }) => {
    note("contracts …");
    const audited =
      chain === undefined
        ? [absent("Contract audit"), absent("Attestations")]
        : await Promise.all([
            contractAudit(viewChain(chain)),
            attestationFigures(viewChain(chain), REPORT_DAYS.monthly * DAY),
          ]);
    note("dependencies …");
    return [...audited, await dependenciesSection(root), DRILLS];
  },
};

/** What no command can do by itself, once a month. */
const DRILLS: ReportSection = {
  title: "Drills",
  facts: [
    { name: "restore a backup beside", value: "npx proofx backup verify, then docs/recovery.md" },
    { name: "rotate what is due", value: "npx proofx rotation due" },
    { name: "reach everybody", value: "npx proofx alerts test, and ask each receiver" },
    { name: "rehearse the runbooks", value: "npx proofx runbook list, npx proofx runbook drill NAME" },
  ],
  todo: [],
};

function absent(title: string): ReportSection {
  return {
    title,
    facts: [],
    todo: [],
    missing: "Not looked at: configure [watcher] deployment and rpc_urls.",
  };
}

function alertsOf({ alertsFolder }: HealthSources, title: string, since: number): ReportSection {
  if (alertsFolder === undefined)
    return { title, facts: [], todo: [], missing: "Not looked at: configure [alerts] folder." };
  try {
    return alertsSection(title, readHistory(alertsFolder), since);
  } catch (error) {
    if (!(error instanceof ProofXError)) throw error;
    return { title, facts: [], todo: [error.message], missing: "Could not be looked at." };
  }
}
