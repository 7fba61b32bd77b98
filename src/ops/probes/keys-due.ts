import type { KeyProvider } from "../../core/ports.ts";
import {
  type DueKey,
  dueReport,
  type KeysSettings,
  type RotationRecords,
  readRotations,
} from "../../keys/index.ts";
import type { Finding, Probe } from "../alerts/finding.ts";

/** Where keys are and when they are due. */
export interface KeyParts {
  readonly keys: KeyProvider;
  readonly records: RotationRecords;
  readonly schedule: KeysSettings["schedule"];
  /** Names of the schedule that some key here must have; all of them without it. */
  readonly required?: readonly string[];
}

/**
 * Keys against the schedule of `[keys.schedule]`: the subject is the key's name, the figure its age in days. Retired keys and
 * those on no schedule are no subjects; a key that the schedule names and nobody has is one, in breach.
 */
export function keysDueProbe({ keys, records, schedule, required }: KeyParts, now: () => number): Probe {
  return {
    name: "keys-due",
    every: 3_600,
    look: async () => {
      const all = await keys.list();
      const report = dueReport(all, await readRotations(all, records), schedule, new Date(now()));
      const scheduled = report.keys.filter(({ status }) => status !== "retired" && status !== "unscheduled");
      const missing = report.missing.filter((name) => required?.includes(name) ?? true);
      return [
        ...scheduled.map(findingOf),
        ...missing.map((name) => ({
          subject: name,
          breached: true,
          summary: `"${name}" is on the schedule, and no key in use has the name`,
        })),
      ];
    },
  };
}

function findingOf({ name, ageDays, status, purpose, dueAt, successor }: DueKey): Finding {
  const day = dueAt?.slice(0, 10) ?? "";
  const words = {
    ok: `due ${day}`,
    soon: `due soon, ${day}`,
    overdue: `OVERDUE since ${day}`,
    future: "says it was made in the future: its time or this clock is wrong",
  };
  const pending = successor === undefined ? "" : `; "${successor}" waits to take over`;
  return {
    subject: name,
    breached: status === "overdue" || status === "future",
    summary: `${name} is ${ageDays} days old (${purpose}), ${words[status as keyof typeof words]}${pending}`,
    value: ageDays,
    details: { ...(purpose === undefined ? {} : { purpose }), ...(dueAt === undefined ? {} : { dueAt }) },
  };
}
