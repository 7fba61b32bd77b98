import { setTimeout as sleep } from "node:timers/promises";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { InputError } from "../../src/core/errors.ts";
import {
  type Ceremony,
  ceremonyFolder,
  describeStatus,
  fetchDrandRound,
  finishCeremony,
  readCeremony,
} from "../../src/setup/ceremony/index.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";

export interface BeaconArguments {
  readonly ceremony: string | undefined;
  readonly keys: string | undefined;
  readonly round: string | undefined;
  readonly value: string | undefined;
  readonly wait: boolean;
}

const PUBLIC_NODE = "https://api.drand.sh";

/** Applies the announced beacon. */
export async function applyAnnounced(
  args: BeaconArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const folder = ceremonyFolder(required("ceremony", args.ceremony, "a name or a path"));
  const ceremony = await readCeremony(folder);
  requireKindOfValue(ceremony, args);
  if (args.wait) await waitUntilDue(ceremony, io);
  const beacon = await readBeacon(ceremony, args, io);
  io.note("applying the beacon");
  const finished = await finishCeremony({ folder, keys: args.keys, beacon });
  return { data: { folder, ...finished.beacon }, lines: describeStatus(finished, new Date()) };
}

function requireKindOfValue({ config }: Ceremony, { round, value }: BeaconArguments): void {
  const isDrand = config.beacon.kind === "drand";
  if (isDrand && value !== undefined) {
    throw InputError.expected(
      "--value",
      "nothing: the announced beacon is a drand round, which --round gives",
      value,
    );
  }
  if (!isDrand && round !== undefined) {
    throw InputError.expected(
      "--round",
      "nothing: the announced beacon is no drand round; give --value",
      round,
    );
  }
  if (!isDrand) required("value", value, "the value that the announced source gave");
}

async function readBeacon({ config }: Ceremony, { round, value }: BeaconArguments, io: TaskIo) {
  if (value !== undefined) return { value };
  const source = round ?? PUBLIC_NODE;
  io.note(`the announced drand round from ${source}`);
  return { drandSignature: await fetchDrandRound(config.beacon, source) };
}

async function waitUntilDue({ config }: Ceremony, io: TaskIo): Promise<void> {
  const { notBefore } = config.beacon;
  for (let left = untilDue(notBefore); left > 0; left = untilDue(notBefore)) {
    io.note(`waiting ${Math.ceil(left / 1000)} s for the beacon, due ${notBefore}`);
    await sleep(Math.min(left, 30_000));
  }
}

function untilDue(time: string): number {
  return Date.parse(time) - Date.now();
}

export default action(applyAnnounced);
