import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { Keyring } from "../../src/sequencer/at-rest/index.ts";
import { atOneMoment, type Database } from "../../src/sequencer/store/index.ts";
import {
  chainSource,
  databaseSource,
  describeReport,
  progressNotes,
  verifyLog,
} from "../../src/sequencer/verify/index.ts";
import { openKeys } from "../support/keys.ts";
import { parseUuid, withLogStore } from "../support/log-store.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";

export interface VerifyArguments {
  readonly tenant: string | undefined;
  readonly store: string | undefined;
  readonly withoutPayloads: boolean;
}

/** Reads the log again, whole, and with `--network` compares it with that network's chain. */
export async function verify(
  { tenant, store: only, withoutPayloads }: VerifyArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const session = hre.globalOptions.network === undefined ? undefined : await openDeployedSession(hre);
  return await withLogStore(async ({ store, atRest }) => {
    const db = store.as("keeper");
    const keyring = withoutPayloads ? undefined : new Keyring(db, openKeys(), atRest);
    const began = Date.now();
    const check = (frozen: Database) =>
      verifyLog({
        source: databaseSource(frozen),
        chain: session && chainSource(session.provider, session.deployment),
        open: keyring && ((record, sealed) => keyring.open(record, sealed)),
        tenant: tenant === undefined ? undefined : parseUuid("--tenant", tenant),
        store: only === undefined ? undefined : parseUuid("--store", only),
        onProgress: progressNotes(io.note),
      });
    const report = await atOneMoment(db, check);
    return describeReport(report, (Date.now() - began) / 1000);
  });
}

export default action(verify);
