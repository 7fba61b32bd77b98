import { drandChainHash, drandRandomness, drandRoundTime, isDrandRound } from "./drand.ts";
import type { Ceremony } from "./folder.ts";
import {
  type Announcement,
  type BeaconRecord,
  type CeremonyConfig,
  type Contribution,
  ceremonyId,
  isAttested,
} from "./record.ts";

/** What a record should say and what it says; the words begin with the field. */
export interface RecordFault {
  readonly expected: string;
  readonly got: string;
}

type Rule = readonly [field: string, expected: unknown, got: unknown];

/** What is wrong with the beginning, as far as it can be told without circuit and powers of tau. */
export function faultOfConfig(config: CeremonyConfig): RecordFault | undefined {
  const { beacon, createdAt } = config;
  return (
    firstBroken([["id", ceremonyId(config), config.id]]) ??
    (beacon.kind === "drand" ? faultOfDrand(beacon) : undefined) ??
    unless(createdAt < beacon.notBefore, "a beacon that comes after the beginning", beacon.notBefore) ??
    unless(
      new Set(config.contributors.map(({ publicKey }) => publicKey)).size === config.contributors.length,
      "contributors with different keys",
      "one key twice",
    )
  );
}

function faultOfDrand(beacon: Extract<Announcement, { kind: "drand" }>): RecordFault | undefined {
  const due = drandRoundTime(beacon.chain, beacon.round);
  return firstBroken([
    ["beacon.chainHash", drandChainHash(beacon.chain), beacon.chainHash],
    // A date beyond what ISO text holds is no announcement.
    ["beacon.notBefore", due < 253_402_300_800_000 ? new Date(due).toISOString() : "never", beacon.notBefore],
  ]);
}

/** What is wrong with a contribution that comes next, as far as its record tells. */
export function faultOfContribution(before: Ceremony, record: Contribution): RecordFault | undefined {
  const { config, contributions, head, lastKey, beacon } = before;
  return (
    unless(isAttested(record), "the contributor's signature over the record", "another signature") ??
    unless(beacon === undefined, "no contribution after the beacon", "one") ??
    firstBroken([
      ["ceremony", config.id, record.ceremony],
      ["index", contributions.length + 1, record.index],
      ["previous", head, record.previous],
      ["from", lastKey.sha256, record.from],
    ]) ??
    faultOfContributor(before, record) ??
    unless(
      contributions.every(({ contributionHash }) => contributionHash !== record.contributionHash),
      "a new contribution",
      "the contributionHash of an earlier one",
    ) ??
    unless(
      record.createdAt < config.beacon.notBefore,
      `createdAt before the beacon, ${config.beacon.notBefore}`,
      record.createdAt,
    )
  );
}

/** Why this contributor may not be the next one: not expected, or there already. */
export function faultOfContributor(
  { config, contributions }: Pick<Ceremony, "config" | "contributions">,
  { name, publicKey }: Pick<Contribution, "name" | "publicKey">,
): RecordFault | undefined {
  const invited = config.contributors.find((each) => each.publicKey === publicKey);
  if (config.contributors.length > 0 && invited === undefined) {
    return { expected: "publicKey of an expected contributor", got: publicKey };
  }
  if (invited !== undefined && invited.name !== name) {
    return { expected: `name "${invited.name}", which belongs to the key`, got: `"${name}"` };
  }
  const earlier = contributions.find((each) => each.publicKey === publicKey);
  if (earlier === undefined) return undefined;
  return { expected: "one contribution a contributor", got: `publicKey of contribution ${earlier.index}` };
}

/** What is wrong with the beacon's record. The value of a named source is nobody's to check here. */
export function faultOfBeacon(before: Ceremony, record: BeaconRecord): RecordFault | undefined {
  const { config, contributions, head, lastKey } = before;
  return (
    unless(contributions.length > 0, "a beacon after at least one contribution", "no contribution") ??
    firstBroken([
      ["ceremony", config.id, record.ceremony],
      ["previous", head, record.previous],
      ["from", lastKey.sha256, record.from],
    ]) ??
    faultOfValue(config.beacon, record)
  );
}

/** What is wrong with a beacon's value: for drand, anything but what the announced round's signature gives. */
export function faultOfValue(
  announced: Announcement,
  { value, drandSignature }: Pick<BeaconRecord, "value" | "drandSignature">,
): RecordFault | undefined {
  if (announced.kind === "named") return firstBroken([["drandSignature", null, drandSignature]]);
  const { chain, round } = announced;
  const expected = `drandSignature of the announced round ${round}`;
  if (drandSignature === null) return { expected, got: "none" };
  if (!isDrandRound(chain, round, drandSignature)) return { expected, got: "another signature" };
  return firstBroken([["value", drandRandomness(drandSignature), value]]);
}

function firstBroken(rules: readonly Rule[]): RecordFault | undefined {
  const broken = rules.find(([, expected, got]) => expected !== got);
  return broken === undefined
    ? undefined
    : { expected: `${broken[0]} ${String(broken[1])}`, got: String(broken[2]) };
}

function unless(holds: boolean, expected: string, got: string): RecordFault | undefined {
  return holds ? undefined : { expected, got };
}
