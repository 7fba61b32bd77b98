import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { ProofXError } from "../../core/errors.ts";
import type { BackupHeader } from "./manifest.ts";
import { readHeader } from "./read.ts";
import { checkSigner, type Trust } from "./signature.ts";

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
  /** Whether it counts: without anybody to trust all do, else those that one of them signed. */
  readonly counts: boolean;
}

/** A backup's name: when it was taken. */
export const backupFileName = (at: Date): string => `${at.toISOString().replace(/[:.]/g, "-")}${SUFFIX}`;

/**
 * The backups of a folder, newest first; none where there is no folder.
 *
 * @param trust Whose count. A file that anybody else put there is listed, and is no backup of ours.
 * @throws CheckError for a file of that name that is none.
 */
export async function listBackups(folder: string, trust: Trust): Promise<BackupSummary[]> {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(SUFFIX) && name !== PAYLOAD_KEYS);
  const found = await Promise.all(names.map((name) => summaryOf(join(folder, name), trust)));
  return found.sort((a, b) => (a.takenAt < b.takenAt ? 1 : -1));
}

async function summaryOf(file: string, trust: Trust): Promise<BackupSummary> {
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
    counts: Object.keys(trust.signers).length === 0 || isOfTrusted(file, header, trust),
  };
}

function isOfTrusted(file: string, header: BackupHeader, { signers }: Trust): boolean {
  try {
    checkSigner(file, header, { signers, unverified: false });
    return true;
  } catch (error) {
    if (error instanceof ProofXError) return false;
    throw error;
  }
}

/** Deletes backups that count and are older than `days`, never the newest of them. @returns their files. */
export async function removeOld(folder: string, days: number, now: Date, trust: Trust): Promise<string[]> {
  const [, ...older] = (await listBackups(folder, trust)).filter(({ counts }) => counts);
  const limit = now.getTime() - days * 86_400_000;
  const files = older.filter(({ takenAt }) => Date.parse(takenAt) < limit).map(({ file }) => file);
  for (const file of files) rmSync(file);
  return files;
}
