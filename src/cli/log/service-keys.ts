import { EXIT, InputError } from "../../core/errors.ts";
import { readKeysSettings, termOf } from "../../keys/index.ts";
import { Keyring } from "../../sequencer/at-rest/index.ts";
import {
  dueServiceKeys,
  openSigners,
  publishedKeys,
  readIdentity,
  readServiceKeys,
  rotateServiceKey,
  SERVICE_PURPOSES,
  type ServicePurpose,
} from "../../sequencer/identity/index.ts";
import { createIngest } from "../../sequencer/ingest/index.ts";
import { requireNewestSchema } from "../../sequencer/store/index.ts";
import { configPath } from "../config-file.ts";
import { type OpenedLog, openLog } from "../open-log.ts";
import type { CommandResult } from "../output.ts";

export interface ServiceKeyOptions {
  /** `--config`. */
  readonly config?: string | undefined;
}

export interface RotateServiceKeyOptions extends ServiceKeyOptions {
  /** Id of the key to be replaced. */
  readonly expected?: string | undefined;
}

/** `proofx log service-keys list`: every key there ever was. */
export function listServiceKeys({ config }: ServiceKeyOptions): Promise<CommandResult> {
  return withLog(config, async ({ store }) => {
    const keys = await publishedKeys(store.as("app"));
    const lines = keys.map(
      ({ purpose, key_id, public_key, active_from, retired_at }) =>
        `${nameOf(purpose, key_id)}  ${public_key}  from ${active_from.slice(0, 10)}${
          retired_at === null ? "" : ` to ${retired_at.slice(0, 10)}`
        }`,
    );
    return { data: { keys }, lines };
  });
}

/**
 * `proofx log service-keys rotate`.
 *
 * @param purpose As it was typed.
 * @throws InputError for another purpose; RefusedError when `expected` is not the key that signs.
 */
export async function rotate(
  purpose: string,
  { config, expected }: RotateServiceKeyOptions,
): Promise<CommandResult> {
  const wanted = purposeOf(purpose);
  const replaced = expected === undefined ? undefined : keyIdOf(expected);
  return await withLog(config, async ({ store, keys, atRest }) => {
    const database = store.as("app");
    const ingest = createIngest({
      database,
      sealer: new Keyring(database, keys, atRest),
      signers: await openSigners(database, keys),
      identity: await readIdentity(database),
    });
    try {
      const { key, streams } = await rotateServiceKey({ store, keys, ingest }, wanted, replaced);
      return {
        data: { purpose: wanted, key_id: key.keyId, key_name: key.keyName, events: streams },
        lines: [
          `the ${wanted} key is ${key.keyId} now, "${key.keyName}" of [keys]; ${streams} events say so`,
          ...(wanted === "checkpoint" ? ["Next: give it to the witnesses, and to whoever pins keys"] : []),
        ],
      };
    } finally {
      await ingest.close();
    }
  });
}

/** `proofx log service-keys due`: exit code 1 when a key is older than its schedule allows. */
export async function showDue({ config }: ServiceKeyOptions): Promise<CommandResult> {
  const { days } = termOf(readKeysSettings(configPath(config)).schedule, "services");
  return await withLog(config, async ({ store }) => {
    const keys = await store.as("app").transaction(null, readServiceKeys);
    const due = dueServiceKeys(keys, Date.now(), days).map(({ purpose, keyId, dueAt, overdue }) => ({
      purpose,
      key_id: keyId,
      due_at: new Date(dueAt).toISOString(),
      overdue,
    }));
    const late = due.filter(({ overdue }) => overdue);
    const lines = due.map(({ purpose, key_id, due_at, overdue }) => {
      const day = due_at.slice(0, 10);
      return `${nameOf(purpose, key_id)}  ${overdue ? `OVERDUE since ${day}` : `due ${day}`}`;
    });
    for (const { purpose } of late)
      lines.push(`Next: npx proofx log service-keys rotate --purpose ${purpose}`);
    return { data: { keys: due }, lines, exitCode: late.length > 0 ? EXIT.failed : EXIT.ok };
  });
}

/** A database without a log has no keys to be late, and must not pass for one whose keys are in order. */
async function withLog<T>(config: string | undefined, work: (log: OpenedLog) => Promise<T>): Promise<T> {
  const log = await openLog(config);
  try {
    await requireNewestSchema(log.store.as("app"));
    await readIdentity(log.store.as("app"));
    return await work(log);
  } finally {
    await log.store.close();
  }
}

function nameOf(purpose: string, keyId: number): string {
  return `${purpose.padEnd(10)} ${String(keyId).padStart(3)}`;
}

function purposeOf(text: string): ServicePurpose {
  const purpose = SERVICE_PURPOSES.find((each) => each === text);
  if (purpose !== undefined) return purpose;
  throw InputError.expected("--purpose", SERVICE_PURPOSES.join(", "), text);
}

function keyIdOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw InputError.expected("--expected", "a key's id, from 1", text);
}
