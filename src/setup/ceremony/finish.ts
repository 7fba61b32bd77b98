import { join } from "node:path";
import { writeFileDurably } from "../../chain/files.ts";
import { CheckError, InputError } from "../../core/errors.ts";
import { hashFile, writeWhole } from "../files.ts";
import { withLock } from "../lock.ts";
import { readKeyHistory } from "../mpc-params.ts";
import { applyBeacon } from "../phase2.ts";
import { describeAnnouncement } from "./announce.ts";
import { drandRandomness } from "./drand.ts";
import { type Ceremony, FILES, FINAL_KEY, keyFile, keysFolderOf, readCeremony } from "./folder.ts";
import { faultOfKeyFile, requireNoFault } from "./key-check.ts";
import { type BeaconRecord, beaconSchema, parseRecord, recordText } from "./record.ts";
import { faultOfBeacon, faultOfValue } from "./rules.ts";

export interface FinishRequest {
  readonly folder: string;
  readonly keys?: string | undefined;
  /** What the announced source gave: a drand round's signature, or a named source's value; 0x-hex. */
  readonly beacon: { readonly drandSignature: string } | { readonly value: string };
  readonly now?: () => Date;
}

/**
 * Ends a ceremony with the announced beacon. Whoever repeats it gets the same key, so a killed run is simply repeated.
 *
 * @throws CheckError before the announced time, for another beacon than the announced one, or without a contribution;
 * InputError for a malformed value.
 */
export async function finishCeremony(request: FinishRequest): Promise<Ceremony> {
  const { folder, beacon, now = () => new Date() } = request;
  const keys = keysFolderOf(folder, request.keys);
  return await withLock(
    join(folder, FILES.config),
    () => {},
    async () => {
      const ceremony = await readCeremony(folder);
      const given = readGiven(ceremony, beacon);
      if (ceremony.beacon !== undefined) return requireSame(ceremony, given);
      requireDue(ceremony, now());
      const from = join(keys, keyFile(ceremony.contributions.length));
      requireNoFault(from, await faultOfKeyFile(from, ceremony.lastKey), "bring the ceremony's latest key");
      const to = join(keys, FINAL_KEY);
      const { iterationsExp } = ceremony.config.beacon;
      const source = describeAnnouncement(ceremony.config.beacon);
      await writeWhole(to, (path) => applyBeacon(from, path, { value: given.value, iterationsExp, source }));
      const record = await recordOf(ceremony, given, to);
      requireNoFault(FILES.beacon, faultOfBeacon(ceremony, record));
      writeFileDurably(join(folder, FILES.beacon), recordText(record));
      return await readCeremony(folder);
    },
  );
}

type Given = Pick<BeaconRecord, "value" | "drandSignature">;

function readGiven({ config }: Ceremony, beacon: FinishRequest["beacon"]): Given {
  const isDrand = "drandSignature" in beacon;
  const given: Given = isDrand
    ? { value: drandRandomness(beacon.drandSignature), drandSignature: beacon.drandSignature }
    : { value: beacon.value, drandSignature: null };
  if (!beaconSchema.shape.value.safeParse(given.value).success) {
    throw InputError.expected("beacon", "16 to 255 bytes as lower-case 0x-hex", given.value);
  }
  requireNoFault(
    `the beacon is not the one announced (${describeAnnouncement(config.beacon)})`,
    faultOfValue(config.beacon, given),
  );
  return given;
}

function requireDue({ config, contributions }: Ceremony, now: Date): void {
  if (contributions.length === 0) {
    throw new CheckError(
      `the ceremony ${config.name} has no contribution yet: a beacon alone makes no secret`,
    );
  }
  const { notBefore } = config.beacon;
  if (now.toISOString() >= notBefore) return;
  throw new CheckError(`the announced beacon cannot be known before ${notBefore}`, {
    next: "wait until then; another beacon than the announced one would let you choose it",
  });
}

async function recordOf(ceremony: Ceremony, given: Given, to: string): Promise<BeaconRecord> {
  const { contributions } = await readKeyHistory(to);
  const { sha256, bytes } = await hashFile(to);
  const record: BeaconRecord = {
    version: 1,
    ceremony: ceremony.config.id,
    previous: ceremony.head,
    from: ceremony.lastKey.sha256,
    ...given,
    to: { sha256, bytes },
    contributionHash: contributions.at(-1)?.hash ?? "",
  };
  return parseRecord(beaconSchema, FILES.beacon, recordText(record));
}

function requireSame(ceremony: Ceremony, { value }: Given): Ceremony {
  if (ceremony.beacon?.value === value) return ceremony;
  throw new CheckError(`the ceremony ${ceremony.config.name} is finished, with another beacon`);
}
