import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { takeProcessLock } from "../../chain/process-lock.ts";
import { InputError, RefusedError } from "../../core/errors.ts";
import {
  type BackupPlan,
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
import { openSigner, readTrust, signerData, signerLine } from "./signers.ts";

/** `proofx backup create`: all parts into one file, the keys to payloads into another, which takes the place of the one before. */
export async function create(options: {
  readonly config?: string;
  readonly unsigned?: boolean;
}): Promise<CommandResult> {
  const path = configPath(options.config);
  const settings = readSection(path, "backup");
  if (Object.keys(settings.holders).length === 0)
    throw new InputError("[backup.holders]: expected at least one age recipient, got none", {
      next: "npx proofx backup identity --out FILE makes one; name its recipient in [backup.holders]",
    });
  const signer = openSigner(path, settings, options.unsigned === true);
  // Before anything is read: a passphrase that is wrong, or a token that is out.
  await signer?.keys.info(signer.name);
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
    const plan = { holders: settings.holders, threshold: settings.threshold, signer, now };
    const keys =
      log === undefined ? undefined : await write(join(folder, PAYLOAD_KEYS), { ...plan, parts: [log.keys] });
    const created = await write(join(folder, backupFileName(now)), { ...plan, parts: all });
    const removed = await removeOld(folder, settings.keep_days, now, await readTrust({ config: path }));
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

async function write(file: string, plan: BackupPlan): Promise<CreatedBackup> {
  note(`${file}: writing, then reading it back`);
  return await createBackup(file, plan);
}

function answer(
  { file, header }: CreatedBackup,
  keys: CreatedBackup | undefined,
  removed: string[],
): CommandResult {
  const { parts, absent, threshold, holders, content, signed_by: signed } = header;
  const signer = signed === undefined ? undefined : { name: signed.name, publicKey: signed.public_key };
  return {
    data: {
      file,
      id: header.id,
      taken_at: header.taken_at,
      parts,
      absent,
      threshold,
      signed_by: signerData(signer),
      payload_keys: keys?.file ?? null,
      removed,
    },
    lines: [
      `${file}  ${content.bytes} bytes, read back`,
      ...parts.map(({ name, files, bytes }) => `  ${name.padEnd(14)} ${files} files, ${bytes} bytes`),
      ...absent.map((name) => `  ${name.padEnd(14)} IS NOT THERE`),
      `opened by ${threshold} of ${holders.length}: ${holders.map(({ name }) => name).join(", ")}`,
      signerLine(signer),
      ...(keys === undefined
        ? []
        : [`${keys.file}  the keys to the log's payloads: keep its newest version only`]),
      ...removed.map((old) => `${old} was older than keep_days, and is deleted`),
      ...(signer === undefined
        ? []
        : [`Next: keep ${signer.publicKey} with the holders' identities: restoring asks for it (--signer)`]),
      "Next: copy both to another place",
    ],
  };
}

/** `proofx backup list`: newest first; the exit code is 1 when the newest is older than `[backup] every` allows. */
export async function list(options: { readonly config?: string }): Promise<CommandResult> {
  const path = configPath(options.config);
  const { folder, every } = readSection(path, "backup");
  const backups = await listBackups(folder, await readTrust({ config: path }));
  const newest = backups.find(({ counts }) => counts);
  const late = newest === undefined || Date.now() - Date.parse(newest.takenAt) > (every + SLACK) * 1000;
  const lines = backups.map(({ takenAt, file, bytes, threshold, holders, absent, counts }) =>
    [
      `${takenAt}  ${file}  ${bytes} bytes, opened by ${threshold} of ${holders.join(", ")}`,
      ...(absent.length === 0 ? [] : [`without ${absent.join(", ")}`]),
      ...(counts ? [] : ["DOES NOT COUNT: nobody who is trusted signed it"]),
    ].join(", "),
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
