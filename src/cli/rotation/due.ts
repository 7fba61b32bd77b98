import { UnavailableError } from "../../core/errors.ts";
import {
  type ConfiguredKeys,
  dueReport,
  openConfiguredKeys,
  RotationRecords,
  readKeysSettings,
  readRotations,
} from "../../keys/index.ts";
import { agentKeysInUse, DAYS, fullSchedule } from "../../ops/rotation/index.ts";
import { dueServiceKeys, readServiceKeys, SERVICE_KEY_DAYS } from "../../sequencer/identity/index.ts";
import { configPath } from "../config-file.ts";
import { openLog } from "../open-log.ts";
import { note } from "../output.ts";
import { namedKeys } from "./named.ts";

const DAY = 86_400_000;
const WARN = 14 * DAY;

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

/** All keys that are on a schedule. */
export interface DueKeys {
  readonly items: readonly DueItem[];
  /** Names on the schedule that no key has. */
  readonly missing: readonly string[];
  /** Why the log's keys are not among them. */
  readonly withoutLog: string | undefined;
  readonly keys: ConfiguredKeys;
  readonly records: RotationRecords;
}

/** Reads every key's age: of [keys], of the log's own keys and of its agents'. */
export async function readDueKeys(config: string | undefined, withLog: boolean, now: Date): Promise<DueKeys> {
  const path = configPath(config);
  const settings = readKeysSettings(path);
  const keys = openConfiguredKeys(settings);
  const records = new RotationRecords(keys.folder);
  const named = namedKeys(path);
  const all = await keys.keys.list();
  const schedule = fullSchedule(settings.schedule, named);
  const report = dueReport(all, await readRotations(all, records), schedule, now);
  const items = report.keys.flatMap(({ name, status, purpose, dueAt, successor }): DueItem[] => {
    if (status === "retired" || status === "unscheduled" || purpose === undefined || dueAt === undefined)
      return [];
    const days = schedule[purpose]?.days ?? 0;
    const kind = all.find((key) => key.name === name)?.algorithm === "aes-256" ? "master" : "keystore";
    return [{ kind, name, purpose, days, dueAt, status, ...(successor === undefined ? {} : { successor }) }];
  });
  // Only what the settings themselves schedule must be there; a service that does not run here has its key elsewhere.
  const scheduled = Object.values(settings.schedule).flatMap((entry) => entry.keys);
  const missing = report.missing.filter((name) => scheduled.includes(name));
  const log = withLog ? await ofLog(config, now) : { items: [], withoutLog: "--no-log" };
  return { items: [...items, ...log.items], missing, withoutLog: log.withoutLog, keys, records };
}

async function ofLog(
  config: string | undefined,
  now: Date,
): Promise<{ readonly items: DueItem[]; readonly withoutLog: string | undefined }> {
  try {
    const { store } = await openLog(config);
    try {
      const service = dueServiceKeys(await store.as("app").transaction(null, readServiceKeys), now.getTime());
      const agents = await agentKeysInUse(store);
      return {
        withoutLog: undefined,
        items: [
          ...service.map(
            ({ purpose, keyId, dueAt }): DueItem => ({
              kind: "service",
              name: `${purpose} ${keyId}`,
              purpose,
              keyId,
              days: SERVICE_KEY_DAYS,
              ...standing(dueAt, now),
            }),
          ),
          ...agents.map(
            ({ agent, keyId, registeredAt, replacedBy }): DueItem => ({
              kind: "agent",
              name: `${agent} ${keyId}`,
              purpose: "agents",
              keyId,
              days: DAYS.agents,
              ...standing(registeredAt + DAYS.agents * DAY, now),
              ...(replacedBy === undefined ? {} : { successor: String(replacedBy) }),
            }),
          ),
        ],
      };
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    note(error.message);
    return { items: [], withoutLog: error.message };
  }
}

function standing(due: number, now: Date): Pick<DueItem, "dueAt" | "status"> {
  const left = due - now.getTime();
  return { dueAt: new Date(due).toISOString(), status: left <= 0 ? "overdue" : left <= WARN ? "soon" : "ok" };
}
