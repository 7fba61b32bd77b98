import { UnavailableError } from "../../core/errors.ts";
import {
  agentKeyItem,
  agentKeysInUse,
  configuredKeyParts,
  type DueItem,
  type KeyParts,
  keystoreItems,
  keystoreReport,
  serviceKeyItem,
} from "../../ops/rotation/index.ts";
import { activeKeys, readServiceKeys } from "../../sequencer/identity/index.ts";
import { configPath } from "../config-file.ts";
import { openLog } from "../open-log.ts";
import { note } from "../output.ts";

/** All keys that are on a schedule. */
export interface DueKeys {
  readonly items: readonly DueItem[];
  /** Names on the schedule that no key has. */
  readonly missing: readonly string[];
  /** Why the log's keys are not among them; `unread` when that was not asked for. */
  readonly withoutLog: { readonly reason: string; readonly unread: boolean } | undefined;
  readonly parts: KeyParts;
}

/** Reads every key's age: of [keys], of the log's own keys and of its agents'. */
export async function readDueKeys(config: string | undefined, withLog: boolean, now: Date): Promise<DueKeys> {
  const parts = configuredKeyParts(configPath(config));
  const report = await keystoreReport(parts, now);
  const log = withLog
    ? await ofLog(config, parts.schedule, now)
    : { items: [], withoutLog: { reason: "--no-log", unread: false } };
  return {
    items: [...keystoreItems(report), ...log.items],
    missing: report.missing,
    withoutLog: log.withoutLog,
    parts,
  };
}

async function ofLog(
  config: string | undefined,
  schedule: KeyParts["schedule"],
  now: Date,
): Promise<Pick<DueKeys, "withoutLog"> & { readonly items: DueItem[] }> {
  try {
    const { store } = await openLog(config);
    try {
      const own = activeKeys(await store.as("app").transaction(null, readServiceKeys));
      const agents = await agentKeysInUse(store);
      return {
        withoutLog: undefined,
        items: [
          ...[...own.values()].map(({ activeFrom, ...key }) =>
            serviceKeyItem({ ...key, activeFrom: Number(activeFrom) }, schedule, now),
          ),
          ...agents.map((key) => agentKeyItem(key, schedule, now)),
        ],
      };
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    note(error.message);
    return { items: [], withoutLog: { reason: error.message, unread: true } };
  }
}
