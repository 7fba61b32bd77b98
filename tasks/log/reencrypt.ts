import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { EXIT } from "../../src/core/errors.ts";
import { Keyring, type Reencrypted, readLegacyKeys, reencrypt } from "../../src/sequencer/at-rest/index.ts";
import { openKeys } from "../support/keys.ts";
import { withLogStore } from "../support/log-store.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";

interface ReencryptArguments {
  readonly dryRun: boolean;
  readonly legacyKeys: string | undefined;
}

/** Least milliseconds between two lines of progress. */
const PROGRESS_MS = 2000;

/** Seals every record with its agent's newest data key, and counts that none is left. */
export async function reencryptLog(
  { dryRun, legacyKeys }: ReencryptArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const keys = legacyKeys === undefined ? [] : await readLegacyKeys(legacyKeys);
  return await withLogStore(async ({ store, atRest }) => {
    const db = store.as("keeper");
    let said = Date.now();
    const onBatch = (done: number, total: number) => {
      if (Date.now() - said < PROGRESS_MS) return;
      said = Date.now();
      io.note(`${done} of ${total} records`);
    };
    const keyring = new Keyring(db, openKeys(), atRest);
    const tables = await reencrypt(db, keyring, { legacyKeys: keys, dryRun, onBatch });
    for (const key of keys) key.fill(0);
    return describe(tables, dryRun, atRest.recheck_seconds);
  });
}

function describe(tables: readonly Reencrypted[], dryRun: boolean, recheckSeconds: number): TaskResult {
  const failed = tables.reduce((sum, table) => sum + table.failed.count, 0);
  const left = tables.reduce((sum, table) => sum + table.left, 0);
  const lines = tables.flatMap((table) => linesOf(table, dryRun));
  if (failed > 0) {
    lines.push(
      "Next: give the legacy key that is missing, or restore those rows from a backup; run this again",
    );
  } else if (!dryRun && left > 0) {
    lines.push(
      `Next: services sealed some with a key that was replaced meanwhile; in ${recheckSeconds} seconds run this again`,
    );
  }
  const bad = failed > 0 || (!dryRun && left > 0);
  return { data: { dryRun, tables }, lines, exitCode: bad ? EXIT.failed : EXIT.ok };
}

function linesOf({ table, rows, changed, erased, failed, left }: Reencrypted, dryRun: boolean): string[] {
  const { sse1, plain, olderKey } = changed;
  return [
    `${table}: ${rows} rows; ${dryRun ? "would seal" : "sealed"} anew ${sse1} of the format SSE1, ${plain} in plain, ${olderKey} under older data keys`,
    ...(erased === 0 ? [] : [`  ${erased} were erased and stay so`]),
    ...failed.first.map(({ where, reason }) => `  CANNOT BE OPENED: ${where}: ${reason}`),
    ...(failed.count > failed.first.length ? [`  and ${failed.count - failed.first.length} more`] : []),
    `  counted by the database: ${left} rows are not sealed with their agent's newest data key`,
  ];
}

export default action(reencryptLog);
