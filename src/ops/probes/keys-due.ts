import { dueWords, isBreach, MISSING } from "../../keys/index.ts";
import type { Finding, Probe } from "../alerts/finding.ts";
import { type DueItem, type KeyParts, keystoreItems, keystoreReport } from "../rotation/due.ts";
import { LogKeys } from "./log-keys.ts";
import type { LogView } from "./log-view.ts";

const DAY = 86_400_000;

/**
 * Keys of `[keys]` against the schedule of every purpose: the subject is the key's name, the figure its age in days. Retired keys and
 * those on no schedule are no subjects; a key that the schedule names and nobody has is one, in breach. Of logs that are watched,
 * their own keys and their agents' are subjects, too ({@link LogKeys}).
 */
export function keysDueProbe(parts: KeyParts, logs: readonly LogView[], now: () => number): Probe {
  const logKeys = new LogKeys(logs, parts.schedule);
  return {
    name: "keys-due",
    every: 3_600,
    look: async () => {
      const report = await keystoreReport(parts, new Date(now()));
      return [
        ...keystoreItems(report).map((item) => findingOf(item.name, item, now())),
        ...report.missing.map((name) => ({ subject: name, breached: true, summary: `"${name}" ${MISSING}` })),
        ...(await logKeys.look(new Date(now()), (subject, item) => findingOf(subject, item, now()))),
      ];
    },
  };
}

function findingOf(subject: string, item: DueItem, now: number): Finding {
  const { status, purpose, days, dueAt } = item;
  const age = Math.floor((now - Date.parse(dueAt)) / DAY) + days;
  return {
    subject,
    breached: isBreach(status),
    summary: `${subject} is ${age} days old, ${dueWords(item)}`,
    value: age,
    details: { purpose, dueAt },
  };
}
