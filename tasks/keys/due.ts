import { taggedHash } from "../../src/core/hash.ts";
import type { KeyInfo, KeyProvider } from "../../src/core/ports.ts";
import { type DueReport, dueExitCode, dueWords, MISSING } from "../../src/keys/index.ts";
import { configuredKeyParts, keystoreReport } from "../../src/ops/rotation/index.ts";
import { configuredKeys } from "../support/keys.ts";
import { action, type TaskResult } from "../support/task.ts";

interface DueArguments {
  readonly open: boolean;
}

/** Holds the keys' ages against the schedule. */
export async function due(args: DueArguments): Promise<TaskResult> {
  const parts = configuredKeyParts(process.env.PROOFX_CONFIG, configuredKeys());
  const keys = await parts.keys.list();
  if (args.open) await openEach(parts.keys, keys);
  const report = await keystoreReport(parts, new Date(), keys);
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
    (key) => `${key.name.padEnd(20)} ${`${key.ageDays} days`.padStart(10)}  ${dueWords(key)}`,
  );
  if (keys.length === 0) lines.push("No keys");
  for (const name of missing) lines.push(`${name.padEnd(20)} ${MISSING}`);
  if (!keys.some(({ purpose }) => purpose !== undefined)) lines.push("No key in use is on the schedule");
  const [first] = keys.filter(({ status, successor }) => status === "overdue" && successor === undefined);
  if (first !== undefined) lines.push(`Next: npx hardhat keys rotate --name ${first.name}`);
  return lines;
}

export default action(due);
