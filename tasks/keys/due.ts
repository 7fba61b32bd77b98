import { taggedHash } from "../../src/core/hash.ts";
import type { KeyInfo, KeyProvider } from "../../src/core/ports.ts";
import {
  type DueKey,
  type DueReport,
  dueExitCode,
  dueReport,
  RotationRecords,
  readRotations,
} from "../../src/keys/index.ts";
import { configuredKeys, keysConfiguration } from "../support/keys.ts";
import { action, type TaskResult } from "../support/task.ts";

interface DueArguments {
  readonly open: boolean;
}

/** Holds the keys' ages against the schedule. */
export async function due(args: DueArguments): Promise<TaskResult> {
  const { keys: provider, folder } = configuredKeys();
  const { schedule } = keysConfiguration();
  const keys = await provider.list();
  if (args.open) await openEach(provider, keys);
  const rotations = await readRotations(keys, new RotationRecords(folder));
  const report = dueReport(keys, rotations, schedule, new Date());
  return { data: report, lines: linesOf(report), exitCode: dueExitCode(report) };
}

/** A key file's time is sealed with its key, so opening finds one that was edited. */
async function openEach(provider: KeyProvider, keys: readonly KeyInfo[]): Promise<void> {
  const probe = taggedHash("PROOFX_KEY_PROBE_V1");
  for (const { name, algorithm } of keys) {
    if (algorithm === "secp256k1") await provider.signDigest(name, probe);
    else if (algorithm === "ed25519") await provider.signMessage(name, probe);
    else if (algorithm === "aleo") await provider.withAleoSeed?.(name, () => undefined);
    else await provider.wrapKey(name, probe, new Uint8Array());
  }
}

function linesOf({ keys, missing }: DueReport): string[] {
  const lines = keys.map(
    (key) => `${key.name.padEnd(20)} ${`${key.ageDays} days`.padStart(10)}  ${describe(key)}`,
  );
  if (keys.length === 0) lines.push("No keys");
  for (const name of missing)
    lines.push(`${name.padEnd(20)} is on the schedule, and no key in use has the name`);
  if (!keys.some(({ purpose }) => purpose !== undefined)) lines.push("No key in use is on the schedule");
  const [first] = keys.filter(({ status, successor }) => status === "overdue" && successor === undefined);
  if (first !== undefined) lines.push(`Next: npx hardhat keys rotate --name ${first.name}`);
  return lines;
}

function describe({ status, purpose, dueAt, successor }: DueKey): string {
  const day = dueAt?.slice(0, 10);
  const pending = successor === undefined ? "" : `; "${successor}" waits to take over`;
  switch (status) {
    case "ok":
      return `due ${day} (${purpose})${pending}`;
    case "soon":
      return `DUE SOON, ${day} (${purpose})${pending}`;
    case "overdue":
      return `OVERDUE since ${day} (${purpose})${pending}`;
    case "future":
      return "says it was made in the future: its time or this clock is wrong";
    case "retired":
      return `retired; "${successor}" took over`;
    case "unscheduled":
      return "on no schedule";
  }
}

export default action(due);
