import { dueWords, isBreach, MISSING } from "../../keys/index.ts";
import type { Finding, Probe } from "../alerts/finding.ts";
import { type DueItem, type KeyParts, keystoreItems, keystoreReport } from "../rotation/due.ts";

const DAY = 86_400_000;

/**
 * Keys of `[keys]` against the schedule of every purpose: the subject is the key's name, the figure its age in days. Retired keys and
 * those on no schedule are no subjects; a key that the schedule names and nobody has is one, in breach.
 */
export function keysDueProbe(parts: KeyParts, now: () => number): Probe {
  return {
    name: "keys-due",
    every: 3_600,
    look: async () => {
      const report = await keystoreReport(parts, new Date(now()));
      return [
        ...keystoreItems(report).map((item) => findingOf(item.name, item, now())),
        ...report.missing.map((name) => ({ subject: name, breached: true, summary: `"${name}" ${MISSING}` })),
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
