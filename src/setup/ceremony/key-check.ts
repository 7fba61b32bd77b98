import { CheckError } from "../../core/errors.ts";
import { hashFile } from "../files.ts";
import { requireWholeKey } from "../key-file.ts";
import { type KeyHistory, readKeyHistory } from "../mpc-params.ts";
import { describePtau, identifyPtau } from "../ptau.ts";
import type { TranscriptContribution } from "../transcript.ts";
import type { KeyHash } from "./fields.ts";
import type { BeaconRecord, CeremonyConfig, Contribution } from "./record.ts";
import type { RecordFault } from "./rules.ts";

/** The last contribution's name in a finished key. */
export const BEACON_NAME = "beacon";

/** What a proving key's own list must hold after these records. */
export function expectedHistory(
  contributions: readonly Contribution[],
  beacon?: BeaconRecord,
): TranscriptContribution[] {
  const list: TranscriptContribution[] = contributions.map(({ index, name, contributionHash }) => ({
    index,
    name,
    kind: "contribution",
    hash: contributionHash,
  }));
  if (beacon !== undefined) {
    list.push({ index: list.length + 1, name: BEACON_NAME, kind: "beacon", hash: beacon.contributionHash });
  }
  return list;
}

/** @returns what differs when the file is not the key that a record tells of. */
export async function faultOfKeyFile(
  path: string,
  { sha256, bytes }: KeyHash,
): Promise<RecordFault | undefined> {
  const got = await hashFile(path);
  if (got.sha256 === sha256 && got.bytes === bytes) return undefined;
  return { expected: `${sha256}, ${bytes} bytes`, got: `${got.sha256}, ${got.bytes} bytes` };
}

/** @returns what differs when the file is not the powers of tau that the ceremony began with. */
export async function faultOfPtauFile(
  path: string,
  { ptau }: CeremonyConfig,
): Promise<RecordFault | undefined> {
  const got = await identifyPtau(path);
  return describePtau(ptau) === describePtau(got)
    ? undefined
    : { expected: describePtau(ptau), got: describePtau(got) };
}

/** @returns the first place where a key's own list of contributions is another than the records'. */
export async function faultOfHistory(
  path: string,
  config: CeremonyConfig,
  contributions: readonly Contribution[],
  beacon?: BeaconRecord,
): Promise<RecordFault | undefined> {
  await requireWholeKey(path);
  const history = await readKeyHistory(path);
  const expected = expectedHistory(contributions, beacon);
  for (let i = 0; i < Math.max(expected.length, history.contributions.length); i += 1) {
    const [want, got] = [describe(expected[i]), describe(history.contributions[i])];
    if (want !== got) return { expected: want, got };
  }
  return beacon === undefined ? undefined : faultOfApplied(history, config, beacon);
}

function faultOfApplied(
  { beacon: applied }: KeyHistory,
  config: CeremonyConfig,
  beacon: BeaconRecord,
): RecordFault | undefined {
  const expected = `beacon ${beacon.value}, hashed 2^${config.beacon.iterationsExp} times`;
  const got = `beacon ${applied?.value}, hashed 2^${applied?.iterationsExp} times`;
  return expected === got ? undefined : { expected, got };
}

function describe(contribution: TranscriptContribution | undefined): string {
  if (contribution === undefined) return "nothing more";
  const { index, kind, name, hash } = contribution;
  return `${kind} ${index} "${name}" ${hash}`;
}

/** @throws CheckError `where: expected X, got Y` when there is a fault. */
export function requireNoFault(where: string, fault: RecordFault | undefined, next?: string): void {
  if (fault === undefined) return;
  throw new CheckError(
    `${where}: expected ${fault.expected}, got ${fault.got}`,
    next === undefined ? {} : { next },
  );
}
