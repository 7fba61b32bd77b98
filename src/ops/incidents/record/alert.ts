import type { Alert } from "../../alerts/alert.ts";
import { type IncidentRecord, isClosed } from "./record.ts";
import { CLASSES } from "./response.ts";

/** The rule that alerts of incidents carry; they come from people. */
export const INCIDENT_RULE = "Incident";
const RUNBOOK = "docs/incidents.md";
const SUMMARY = 1_024;
const DETAIL = 512;

/** The incident as an alert: open as long as it is. */
export function incidentAlert(record: IncidentRecord): Alert {
  const last = record.entries.at(-1);
  return {
    key: `${INCIDENT_RULE}/${record.id}`,
    rule: INCIDENT_RULE,
    severity: record.severity,
    phase: isClosed(record) ? "resolved" : "open",
    summary: `${CLASSES[record.severity].name} ${record.id}: ${record.title}`.slice(0, SUMMARY),
    since: record.since,
    labels: { incident: record.id },
    details: { by: last?.by ?? "", text: (last?.text ?? "").slice(0, DETAIL) },
    runbook: RUNBOOK,
  };
}

/** A message to affected parties, which sinks deliver once: nothing that is open, or that an end is told of. */
export function messageAlert(record: IncidentRecord, entry: IncidentRecord["entries"][number]): Alert {
  return {
    ...incidentAlert(record),
    key: `${INCIDENT_RULE}/${record.id}/${entry.id}`,
    phase: "notice",
    summary: entry.text.slice(0, SUMMARY),
    since: entry.at,
    labels: { incident: record.id, message: entry.id },
    details: Object.fromEntries(
      Object.entries(entry.facts).map(([name, value]) => [name, value.slice(0, DETAIL)]),
    ),
  };
}
