import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { takeProcessLock } from "../../chain/process-lock.ts";
import { InputError, RefusedError } from "../../core/errors.ts";
import {
  type BackupSettings,
  backupFileName,
  type CreatedBackup,
  createBackup,
  listBackups,
  PAYLOAD_KEYS,
  type Part,
  removeOld,
} from "../../ops/backup/index.ts";
import { takeBackup } from "../../sequencer/backup/index.ts";
import { openStore } from "../../sequencer/store/index.ts";
import { configPath, readSection } from "../config-file.ts";
import { type CommandResult, note } from "../output.ts";
import { LOG_PART, standardParts } from "./parts.ts";

/** `proofx backup create`: all parts into one file, the keys to payloads into another, which takes the place of the one before. */
export async function create(options: { readonly config?: string }): Promise<CommandResult> {
  const path = configPath(options.config);
  const settings = readSection(path, "backup");
  if (Object.keys(settings.holders).length === 0)
    throw new InputError("[backup.holders]: expected at least one age recipient, got none", {
      next: "npx proofx backup identity --out FILE makes one; name its recipient in [backup.holders]",
    });
  const parts = standardParts(path);
  const now = new Date();
  const { folder } = settings;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unlock = takeProcessLock(join(folder, ".creating.lock"));
  if (unlock === undefined)
    throw new RefusedError(`another backup is being written to ${folder}`, { next: "wait for it" });
  let working: string | undefined;
  try {
    removeLeftovers(folder);
    working = mkdtempSync(join(folder, WORKING));
    const log = settings.log ? await takeLog(path, working) : undefined;
    const all = [...parts, ...(log === undefined ? [] : [log.log])];
    // The keys first: a log without them cannot be told, they without a log do no harm.
    const keys =
      log === undefined ? undefined : await write(join(folder, PAYLOAD_KEYS), [log.keys], settings, now);
    const created = await write(join(folder, backupFileName(now)), all, settings, now);
    const removed = await removeOld(folder, settings.keep_days, now);
    return answer(created, keys, removed);
  } finally {
    if (working !== undefined) rmSync(working, { recursive: true, force: true });
    unlock();
  }
}

/** Where the log and the keys to its payloads are in clear, until they are sealed. */
const WORKING = ".working-";

/** What a killed run left: it is in clear, and whoever copies the folder would take it along. */
function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder))
    if (name.startsWith(WORKING) || /\.[0-9a-f]{12}\.tmp(\.|$)/.test(name))
      rmSync(join(folder, name), { recursive: true, force: true });
}

/** The log's database as it is at one moment, into files that are gone again when this command ends. */
async function takeLog(path: string, working: string): Promise<{ log: Part; keys: Part }> {
  note("log: reading the database");
  const store = await openStore(readSection(path, "store"));
  try {
    const taken = await takeBackup(store, join(working, "log.gz"));
    return {
      log: { name: LOG_PART, path: taken.log.path, required: true },
      keys: { name: "payload-keys", path: taken.keys.path, required: true },
    };
  } finally {
    await store.close();
  }
}

async function write(
  file: string,
  parts: readonly Part[],
  settings: BackupSettings,
  now: Date,
): Promise<CreatedBackup> {
  note(`${file}: writing, then reading it back`);
  const { holders, threshold } = settings;
  return await createBackup(file, { parts, holders, threshold, now });
}

function answer(
  { file, header }: CreatedBackup,
  keys: CreatedBackup | undefined,
  removed: string[],
): CommandResult {
  const { parts, absent, threshold, holders, content } = header;
  return {
    data: {
      file,
      id: header.id,
      taken_at: header.taken_at,
      parts,
      absent,
      threshold,
      payload_keys: keys?.file ?? null,
      removed,
    },
    lines: [
      `${file}  ${content.bytes} bytes, read back`,
      ...parts.map(({ name, files, bytes }) => `  ${name.padEnd(14)} ${files} files, ${bytes} bytes`),
      ...absent.map((name) => `  ${name.padEnd(14)} IS NOT THERE`),
      `opened by ${threshold} of ${holders.length}: ${holders.map(({ name }) => name).join(", ")}`,
      ...(keys === undefined
        ? []
        : [`${keys.file}  the keys to the log's payloads: keep its newest version only`]),
      ...removed.map((old) => `${old} was older than keep_days, and is deleted`),
      "Next: copy both to another place",
    ],
  };
}

/** `proofx backup list`: newest first; the exit code is 1 when the newest is older than `[backup] every` allows. */
export async function list(options: { readonly config?: string }): Promise<CommandResult> {
  const { folder, every } = readSection(configPath(options.config), "backup");
  const backups = await listBackups(folder);
  const [newest] = backups;
  const late = newest === undefined || Date.now() - Date.parse(newest.takenAt) > (every + SLACK) * 1000;
  const lines = backups.map(
    ({ takenAt, file, bytes, threshold, holders, absent }) =>
      `${takenAt}  ${file}  ${bytes} bytes, opened by ${threshold} of ${holders.join(", ")}${absent.length === 0 ? "" : `, without ${absent.join(", ")}`}`,
  );
  const missing =
    newest === undefined ? `No backup in ${folder}` : `The newest is of ${newest.takenAt}: one is missing`;
  return {
    data: { folder, late, payload_keys: existsSync(join(folder, PAYLOAD_KEYS)), backups },
    lines: [...lines, ...(late ? [missing, "Next: npx proofx backup create"] : [])],
    exitCode: late ? 1 : 0,
  };
}

/** Seconds that a backup may take longer than a day before one counts as missing. */
const SLACK = 7_200;
