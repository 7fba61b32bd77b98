import { existsSync, lstatSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { InputError, RefusedError } from "../../core/errors.ts";
import {
  type BackupHeader,
  checkContent,
  checkSigner,
  PAYLOAD_KEYS,
  putInPlace,
  readBackup,
  readHeader,
  requireFree,
  requirePlace,
  unpackBackup,
} from "../../ops/backup/index.ts";
import { verifyBackup } from "../../sequencer/backup/index.ts";
import { configPath, readSection } from "../config-file.ts";
import { promote, restore as restoreLog } from "../log/backups.ts";
import type { CommandResult } from "../output.ts";
import { type OpenerOptions, readOpeners } from "./openers.ts";
import { CONFIG_PART, LOG_PART, standardParts } from "./parts.ts";
import { readTrust, signerData, signerLine, type TrustOptions } from "./signers.ts";
import { writeStreamTo } from "./write-stream.ts";

const about = ({ id, taken_at, parts, absent, threshold }: BackupHeader) => ({
  id,
  taken_at,
  parts,
  absent,
  threshold,
});

/** `proofx backup verify`: what can be seen from outside, and with holders all of it, the log's streams recomputed to their roots. */
export async function verify(file: string, options: OpenerOptions & TrustOptions): Promise<CommandResult> {
  const opened = await readHeader(file);
  const { header } = opened;
  const told = `${file}: taken at ${header.taken_at}, ${header.parts.map(({ name }) => name).join(", ")}`;
  const openers = await readOpeners(options);
  const trust = await readTrust(options);
  if (openers.identities.length === 0) {
    const signer = checkSigner(file, header, trust);
    await checkContent(file, opened);
    return {
      data: { file, ...about(header), signed_by: signerData(signer), opened: false },
      lines: [told, signerLine(signer), "whole as it was written; not opened (--identity, --share)"],
    };
  }
  const working = mkdtempSync(join(tmpdir(), "proofx-verify-"));
  try {
    let log: string | undefined;
    const { manifest, signer } = await readBackup(file, openers, trust, async ({ path, body }) => {
      if (!path.startsWith(`${LOG_PART}/`)) return;
      log = join(working, "log.gz");
      await writeStreamTo(log, body);
    });
    const streams = log === undefined ? undefined : (await verifyBackup(log)).streams;
    const files = Object.keys(manifest.files).length;
    return {
      data: {
        file,
        ...about(header),
        signed_by: signerData(signer),
        opened: true,
        files,
        log_streams: streams?.length ?? null,
      },
      lines: [
        told,
        signerLine(signer),
        `opened: ${files} files, each with its hash`,
        ...(streams === undefined ? [] : [`log: ${streams.length} streams whole, recomputed to their roots`]),
      ],
    };
  } finally {
    rmSync(working, { recursive: true, force: true });
  }
}

/** Where the keys to payloads are unpacked, below `--into`. */
const KEYS_FOLDER = "payload-keys";

export interface RestoreCommandOptions extends OpenerOptions, TrustOptions {
  readonly into: string;
  readonly inPlace?: boolean;
  /** Parts to put in place, with commas. */
  readonly only?: string;
  readonly deployment?: string;
  readonly rpc?: string;
  readonly withoutChain?: boolean;
}

/** `proofx backup restore`: unpacks a backup, and with `--in-place` puts every part where the configuration has it. */
export async function restore(file: string, options: RestoreCommandOptions): Promise<CommandResult> {
  const { into } = options;
  const { header } = await readHeader(file);
  const chosen = chosenParts(header, options.only);
  const places = options.inPlace === true ? placesOf(chosen, options.config) : undefined;
  const openers = await readOpeners(options);
  const trust = await readTrust(options);
  const { signer } = await unpackBackup(file, into, openers, trust);
  const keysFile = join(dirname(file), PAYLOAD_KEYS);
  const hasLog = chosen.includes(LOG_PART);
  const keys = hasLog && existsSync(keysFile);
  if (keys) await unpackBackup(keysFile, join(into, KEYS_FOLDER), openers, trust);
  const data = { file, ...about(header), signed_by: signerData(signer), into, payload_keys: keys };
  const lines = [
    `${into} holds ${header.parts.map(({ name }) => name).join(", ")}, as of ${header.taken_at}`,
    signerLine(signer),
    ...(hasLog && !keys ? ["without the keys to payloads: no payload can be read"] : []),
  ];
  if (places === undefined) return { data, lines: [...lines, ...next(header, into)] };

  for (const [name, place] of places) requirePlace(partFolder(into, name, header), place);
  // Before anything is put in place: half of an organisation is worse than none.
  if (hasLog) requireLogPlace(options.config);
  for (const [name, place] of places) {
    const moved = await putInPlace(partFolder(into, name, header), place);
    lines.push(`${place} ${moved ? "is restored" : "is the same already"}`);
  }
  if (hasLog) lines.push(...(await restoreLogInPlace(options)).lines);
  return { data: { ...data, restored: [...places.keys()] }, lines };
}

/** @throws InputError for a part that the backup does not have. */
function chosenParts({ parts }: BackupHeader, only: string | undefined): string[] {
  const names = parts.map(({ name }) => name);
  const asked = only?.split(",") ?? names;
  const unknown = asked.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw InputError.expected("--only", `parts of this backup: ${names.join(", ")}`, unknown);
  return asked;
}

/** Where each part goes. @throws RefusedError for one that the configuration has no place for. */
function placesOf(names: readonly string[], config: string | undefined): Map<string, string> {
  const path = configPath(config);
  const known = new Map(standardParts(path).map((part) => [part.name, part.path]));
  const places = new Map<string, string>();
  for (const name of names) {
    if (name === LOG_PART || name === CONFIG_PART) continue;
    const place = known.get(name);
    if (place === undefined)
      throw new RefusedError(`${path} has no place for "${name}" of this backup`, {
        next: "name one in [backup.include], or the parts that are to be put in place with --only",
      });
    places.set(name, place);
  }
  return places;
}

/** A part that was one file is that file; one that was a folder is its folder. */
function partFolder(into: string, name: string, header: BackupHeader): string {
  const part = header.parts.find((each) => each.name === name);
  const file = join(into, name, basename(part?.source ?? ""));
  // A source that ends in ".." names the folder with all parts in it.
  const isFile = lstatSync(file, { throwIfNoEntry: false })?.isFile() === true;
  return part?.files === 1 && isFile ? file : join(into, name);
}

/** Whether the log is a database that another command restores into. */
const isElsewhere = (url: string | undefined): boolean =>
  url !== undefined || process.env.DATABASE_URL !== undefined;

/** @throws RefusedError when a log is there. */
function requireLogPlace(config: string | undefined): void {
  const { folder, database_url_file: url } = readSection(configPath(config), "store");
  if (!isElsewhere(url)) requireFree(folder);
}

async function restoreLogInPlace(options: RestoreCommandOptions): Promise<CommandResult> {
  const { into, config } = options;
  const { folder, database_url_file: url } = readSection(configPath(config), "store");
  const log = join(into, LOG_PART, "log.gz");
  const keys = join(into, KEYS_FOLDER, "payload-keys", "keys.current.gz");
  const given = {
    ...(options.rpc === undefined ? {} : { rpc: options.rpc }),
    ...(options.deployment === undefined ? {} : { deployment: options.deployment }),
    ...(config === undefined ? {} : { config }),
  };
  if (isElsewhere(url))
    return {
      data: {},
      lines: [
        `Next: npx proofx log restore ${log} --into FILE_WITH_URL, then npx proofx log promote FILE_WITH_URL`,
      ],
    };
  const beside = `${folder}.restored`;
  const restored = await restoreLog(log, { into: beside, ...(existsSync(keys) ? { keys } : {}), ...given });
  const promoted = await promote(beside, { ...given, withoutChain: options.withoutChain ?? false });
  return { data: {}, lines: [...restored.lines, ...promoted.lines] };
}

function next({ parts }: BackupHeader, into: string): string[] {
  const log = parts.some(({ name }) => name === LOG_PART);
  return [
    "Next: npx proofx backup restore --in-place puts every part where the configuration has it; or take what you need",
    ...(log ? [`the log: npx proofx log restore ${join(into, LOG_PART, "log.gz")} --into NEW_FOLDER`] : []),
  ];
}
