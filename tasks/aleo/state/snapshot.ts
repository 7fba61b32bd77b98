import { join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { snapshot } from "../../../src/aleo/state/snapshot.ts";
import { EXIT } from "../../../src/core/errors.ts";
import { action, type TaskIo, type TaskResult } from "../../support/task.ts";
import { parseUnsigned } from "../../support/values.ts";
import { type AleoArguments, openAleoSession } from "../support/session.ts";
import { programIds, progressFile } from "./support.ts";

interface SnapshotArguments extends AleoArguments {
  readonly program: string | undefined;
  readonly out: string | undefined;
  readonly last: string | undefined;
}

/** Writes down all that the ledger shows of programs. */
export async function takeSnapshot(
  args: SnapshotArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const programs = programIds(args.program);
  const last = args.last === undefined ? 100 : Number(parseUnsigned("--last", args.last, 16));
  const session = await openAleoSession(args);
  const time = new Date().toISOString().replace(/[:.]/g, "-");
  const folder = args.out ?? join("build", "aleo-snapshots", `${session.network}-${time}`);
  // Where a node does not even tell its first block, the replay begins anew, and fails by itself.
  const progress = await progressFile(session, programs, undefined).catch(() => undefined);
  const taken = await snapshot({
    ledger: session.ledger,
    programs,
    folder,
    last,
    note: io.note,
    ...(progress === undefined ? {} : { progressFile: progress }),
  });
  const whole = taken.missing.length === 0;
  return {
    data: { folder, ...taken },
    lines: [
      `${whole ? "Everything" : "A PART"} of what the ledger shows of ${programs.join(", ")} is in ${folder}`,
      ...Object.keys(taken.files).map((name) => `  ${name}`),
      ...taken.faults.map((fault) => `  WRONG    ${fault}`),
      ...taken.missing.map((part) => `  MISSING  ${part}`),
    ],
    exitCode: whole && taken.faults.length === 0 ? EXIT.ok : EXIT.failed,
  };
}

export default action(takeSnapshot);
