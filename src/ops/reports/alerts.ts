import type { HistoryEntry } from "../alerts/index.ts";
import { SEVERITIES } from "../monitors/rule.ts";
import type { ReportSection } from "./report.ts";

/** Rules that are named one by one. */
const MOST = 5;

/**
 * What alerts there were in a period, which are not over, and what was not delivered.
 *
 * @param history All of it, in order: an alert may be older than the period and last.
 * @param since Milliseconds since 1970: the period's beginning.
 */
export function alertsSection(title: string, history: readonly HistoryEntry[], since: number): ReportSection {
  const within = history.filter(({ at }) => Date.parse(at) >= since);
  const opened = within.flatMap((entry) => (entry.kind === "open" ? [entry] : []));
  const keysOf = (kind: HistoryEntry["kind"]) =>
    new Set(within.flatMap((entry) => (entry.kind === kind && "key" in entry ? [entry.key] : [])));
  const [retracted, dead] = [keysOf("retracted"), keysOf("dead-letter")];
  const lasting = lastingOf(history);
  const unseen = lasting.filter(
    ({ acknowledged, severity }) => !acknowledged && (severity === "critical" || severity === "high"),
  );
  const rules = new Map<string, number>();
  for (const { rule } of opened) rules.set(rule, (rules.get(rule) ?? 0) + 1);
  const commonest = [...rules].sort(([, a], [, b]) => b - a).slice(0, MOST);
  return {
    title,
    facts: [
      ...SEVERITIES.map((severity) => ({
        name: severity,
        value: String(opened.filter((entry) => entry.severity === severity).length),
      })),
      { name: "not over", value: String(lasting.length) },
      { name: "taken back by a reorganisation", value: String(retracted.size) },
      { name: "deliveries given up", value: String(dead.size) },
      ...commonest.map(([rule, count]) => ({ name: rule, value: `${count} times` })),
    ],
    todo: [
      ...unseen.map(({ rule, summary }) => `${rule} is open and acknowledged by nobody: ${summary}`),
      ...(dead.size === 0 ? [] : ["deliveries were given up: npx proofx alerts dead-letters list"]),
    ],
  };
}

interface Lasting {
  readonly rule: string;
  readonly severity: string;
  readonly summary: string;
  acknowledged: boolean;
}

/** Alerts whose last word is that they are open. */
function lastingOf(history: readonly HistoryEntry[]): Lasting[] {
  const open = new Map<string, Lasting>();
  for (const entry of history) {
    if (entry.kind === "open") {
      const { key, rule, severity, summary } = entry;
      open.set(key, { rule, severity, summary, acknowledged: open.get(key)?.acknowledged ?? false });
    } else if (entry.kind === "resolved" || entry.kind === "retracted") open.delete(entry.key);
    else if (entry.kind === "acknowledged") {
      const known = open.get(entry.key);
      if (known !== undefined) known.acknowledged = true;
    }
  }
  return [...open.values()];
}
