import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { readHeader } from "./read.ts";

const SUFFIX = ".proofx-backup";
/** The keys to payloads: one file, which every backup replaces, so that an erased key is in no backup. */
export const PAYLOAD_KEYS = `payload-keys${SUFFIX}`;

/** A backup in a folder, by its first line. */
export interface BackupSummary {
  readonly id: string;
  readonly file: string;
  /** RFC 3339, UTC. */
  readonly takenAt: string;
  /** Of the file. */
  readonly bytes: number;
  readonly threshold: number;
  readonly holders: readonly string[];
  readonly parts: readonly string[];
  readonly absent: readonly string[];
}

/** A backup's name: when it was taken. */
export const backupFileName = (at: Date): string => `${at.toISOString().replace(/[:.]/g, "-")}${SUFFIX}`;

/**
 * The backups of a folder, newest first; none where there is no folder.
 *
 * @throws CheckError for a file of that name that is none.
 */
export async function listBackups(folder: string): Promise<BackupSummary[]> {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(SUFFIX) && name !== PAYLOAD_KEYS);
  const found = await Promise.all(names.map((name) => summaryOf(join(folder, name))));
  return found.sort((a, b) => (a.takenAt < b.takenAt ? 1 : -1));
}

async function summaryOf(file: string): Promise<BackupSummary> {
  const { header } = await readHeader(file);
  return {
    id: header.id,
    file,
    takenAt: header.taken_at,
    bytes: statSync(file).size,
    threshold: header.threshold,
    holders: header.holders.map(({ name }) => name),
    parts: header.parts.map(({ name }) => name),
    absent: header.absent,
  };
}

/** Deletes backups that are older than `days`, never the newest. @returns their files. */
export async function removeOld(folder: string, days: number, now: Date): Promise<string[]> {
  const [, ...older] = await listBackups(folder);
  const limit = now.getTime() - days * 86_400_000;
  const files = older.filter(({ takenAt }) => Date.parse(takenAt) < limit).map(({ file }) => file);
  for (const file of files) rmSync(file);
  return files;
}
