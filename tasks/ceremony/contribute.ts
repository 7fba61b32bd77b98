import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { writeFileDurably } from "../../src/chain/files.ts";
import { InputError } from "../../src/core/errors.ts";
import { contributeAt } from "../../src/services/coordinator/contribute.ts";
import {
  type Contribution,
  ceremonyFolder,
  contributeInPlace,
  contributionFile,
  makeContribution,
  readCeremony,
  recordText,
} from "../../src/setup/ceremony/index.ts";
import { openKeys } from "../support/keys.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";

export interface ContributeArguments {
  readonly ceremony: string | undefined;
  readonly key: string | undefined;
  readonly name: string | undefined;
  readonly keys: string | undefined;
  readonly ptau: string | undefined;
  readonly in: string | undefined;
  readonly out: string | undefined;
  readonly attestation: string | undefined;
  readonly coordinator: string | undefined;
}

/** Contributes in the ceremony's folder, offline from one file to another, or at a coordinator. */
export async function contribute(
  args: ContributeArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const who = {
    key: required("key", args.key, "the name of an ed25519 key"),
    contributor: required("name", args.name, "your name in the records"),
    keys: openKeys(),
  };
  const folder = ceremonyFolder(required("ceremony", args.ceremony, "a name or a path"));
  const files = offlineFiles(args);
  if (files !== undefined) {
    const ceremony = await readCeremony(folder);
    io.note(`contribution ${ceremony.contributions.length + 1} to ${ceremony.config.name}`);
    const record = await makeContribution({ ceremony, from: files.in, to: files.out, ...who });
    writeFileDurably(files.attestation, recordText(record));
    return told(record, [
      `  new key      ${files.out}`,
      `  attestation  ${files.attestation}`,
      "  hand both to the coordinator, who runs: npx hardhat ceremony accept",
    ]);
  }
  if (args.coordinator !== undefined) {
    const { key, keys, contributor: name } = who;
    const note = (line: string): void => io.note(line);
    const record = await contributeAt({ url: args.coordinator, folder, who: { name, key, keys }, note });
    return told(record, [`  seen in      ${folder}, your copy of the records; keep it`]);
  }
  io.note("contributing and checking the new key");
  const after = await contributeInPlace({ folder, keysFolder: args.keys, ptau: args.ptau, ...who });
  const record = after.contributions.at(-1);
  if (record === undefined) throw new Error("an accepted contribution is in the records");
  return told(record, [`  record       ${contributionFile(record.index)}`]);
}

function offlineFiles(
  args: ContributeArguments,
): { in: string; out: string; attestation: string } | undefined {
  const { in: from, out, attestation, coordinator } = args;
  const given = from ?? out ?? attestation;
  if (coordinator !== undefined && given !== undefined) {
    throw InputError.expected("--coordinator", "no --in, --out or --attestation beside it", given);
  }
  if (from === undefined && out === undefined && attestation === undefined) return undefined;
  if (from !== undefined && out !== undefined && attestation !== undefined)
    return { in: from, out, attestation };
  const missing = from === undefined ? "--in" : out === undefined ? "--out" : "--attestation";
  throw InputError.expected(missing, "a file: offline, --in, --out and --attestation go together", undefined);
}

/** A contributor keeps what is printed: with it everybody can see later that the contribution is there. */
export function told(record: Contribution, lines: readonly string[]): TaskResult {
  return {
    data: record,
    lines: [
      `Contribution ${record.index} of ${record.name}`,
      `  hash         ${record.contributionHash}`,
      `  signed by    ${record.publicKey}`,
      ...lines,
    ],
  };
}

export default action(contribute);
