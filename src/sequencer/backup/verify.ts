import { type BackupReader, openBackup } from "./read-file.ts";
import { type CheckedStream, StreamChecker } from "./streams.ts";

/** A backup that was read whole and holds. */
export interface VerifiedBackup {
  readonly content: "log" | "keys";
  /** RFC 3339. */
  readonly takenAt: string;
  readonly rows: Readonly<Record<string, number>>;
  readonly streams: readonly CheckedStream[];
}

/**
 * Reads a backup from its first byte to its last: checksum, counts, every stream without a gap, and every root recomputed.
 *
 * @param identity For an encrypted one.
 * @throws CheckError naming the first thing that is wrong; InputError for what is no backup.
 */
export async function verifyBackup(path: string, identity?: string): Promise<VerifiedBackup> {
  return await passThrough(await openBackup(path, identity), async () => {});
}

/** Hands on each row of a backup and checks all of it. Nothing counts before this resolves. */
export async function passThrough(
  reader: BackupReader,
  each: (table: string, row: readonly (string | null)[]) => Promise<void>,
): Promise<VerifiedBackup> {
  const checker = new StreamChecker(reader.header);
  const rows = reader.rows();
  for (;;) {
    const next = await rows.next();
    if (next.done === true) {
      const { content, taken_at: takenAt } = reader.header;
      return { content, takenAt, rows: next.value.rows, streams: checker.end() };
    }
    checker.take(next.value.table, next.value.row);
    await each(next.value.table, next.value.row);
  }
}
