import type { KeyInfo, KeyProvider } from "../../core/ports.ts";
import {
  type DueReport,
  dueReport,
  type KeysSettings,
  type RotationRecords,
  readRotations,
  standingOf,
  termOf,
} from "../../keys/index.ts";
import type { AgentKeyAge } from "./log-keys.ts";

/** Where keys are and when they are due. */
export interface KeyParts {
  readonly keys: KeyProvider;
  readonly records: RotationRecords;
  readonly schedule: KeysSettings["schedule"];
  /** Names of the schedule that some key here must have; all of them without it. */
  readonly required?: readonly string[];
}

/** A key that is rotated, and where it stands. */
export interface DueItem {
  /**
   * Who rotates it: `keystore`, an account or an agent's key of [keys]; `master`, the key that wraps the log's; `service`, a key of the log
   * itself; `agent`, a key that the log knows an agent by.
   */
  readonly kind: "keystore" | "master" | "service" | "agent";
  readonly name: string;
  readonly purpose: string;
  /** Days that it may be in use. */
  readonly days: number;
  /** RFC 3339, UTC. */
  readonly dueAt: string;
  readonly status: "ok" | "soon" | "overdue" | "future";
  /** What takes its place, where that is there already. */
  readonly successor?: string;
  /** Its number in the log, for those the log numbers. */
  readonly keyId?: number;
}

type Schedule = KeysSettings["schedule"];

/** The keys of [keys] against the schedule, also those on none; `missing` has only names that must be there. */
export async function keystoreReport(
  { keys, records, schedule, required }: KeyParts,
  now: Date,
  all?: readonly KeyInfo[],
): Promise<DueReport> {
  const listed = all ?? (await keys.list());
  const report = dueReport(listed, await readRotations(listed, records), schedule, now);
  return { ...report, missing: report.missing.filter((name) => required?.includes(name) ?? true) };
}

/** Of a report, the keys that are to be rotated some day: in use and on a schedule. */
export function keystoreItems({ keys }: DueReport): DueItem[] {
  return keys.flatMap(({ name, algorithm, status, purpose, days, dueAt, successor }): DueItem[] => {
    if (status === "retired" || status === "unscheduled") return [];
    if (purpose === undefined || days === undefined || dueAt === undefined) return [];
    const kind = algorithm === "aes-256" ? "master" : "keystore";
    return [{ kind, name, purpose, days, dueAt, status, ...(successor === undefined ? {} : { successor }) }];
  });
}

/** A key of the log itself, by the schedule of `services`. `activeFrom`: milliseconds since 1970. */
export function serviceKeyItem(
  {
    purpose,
    keyId,
    activeFrom,
  }: { readonly purpose: string; readonly keyId: number; readonly activeFrom: number },
  schedule: Schedule,
  now: Date,
): DueItem {
  const term = termOf(schedule, "services");
  return {
    kind: "service",
    name: `${purpose} ${keyId}`,
    purpose,
    keyId,
    days: term.days,
    ...standingOf(activeFrom, term, now),
  };
}

/** A key that the log knows an agent by, by the schedule of `agents`; its age counts from its registration. */
export function agentKeyItem(
  { agent, keyId, registeredAt, replacedBy }: Omit<AgentKeyAge, "tenant" | "store">,
  schedule: Schedule,
  now: Date,
): DueItem {
  const term = termOf(schedule, "agents");
  return {
    kind: "agent",
    name: `${agent} ${keyId}`,
    purpose: "agents",
    keyId,
    days: term.days,
    ...standingOf(registeredAt, term, now),
    ...(replacedBy === undefined ? {} : { successor: String(replacedBy) }),
  };
}
