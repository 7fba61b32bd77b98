import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { InputError } from "../../src/core/errors.ts";
import {
  type Announcement,
  announceDrand,
  announceDrandRound,
  announceNamed,
  ceremonyFolder,
  createCeremony,
  DEFAULT_ITERATIONS_EXP,
  describeStatus,
  parseContributors,
  parseDrandInfo,
  QUICKNET,
  warnOfOrigin,
} from "../../src/setup/ceremony/index.ts";
import { currentCircuit } from "../support/setup.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { parseUnsigned, readInput, readJsonInput } from "../support/values.ts";

export interface NewArguments {
  readonly ceremony: string | undefined;
  readonly keys: string | undefined;
  readonly circuit: string | undefined;
  readonly ptau: string | undefined;
  readonly trustUnknownPtau: boolean;
  readonly beaconAt: string | undefined;
  readonly beaconRound: string | undefined;
  readonly drandInfo: string | undefined;
  readonly beaconSource: string | undefined;
  readonly beaconIterations: string | undefined;
  readonly contributors: string | undefined;
}

/** Begins a ceremony. */
export async function newCeremony(
  args: NewArguments,
  _hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const folder = ceremonyFolder(required("ceremony", args.ceremony, "a name, e.g. 001-compliance"));
  const beacon = readAnnouncement(args);
  const file = args.contributors;
  const contributors = file === undefined ? [] : parseContributors(file, readInput("--contributors", file));
  const circuit = await currentCircuit(io, args.circuit);
  const ceremony = await createCeremony({
    folder,
    keys: args.keys,
    circuit,
    ptau: args.ptau,
    acceptUnknownPtau: args.trustUnknownPtau,
    beacon,
    contributors,
    onProgress: ({ done, total, message }) => io.note(`new ${done + 1}/${total}: ${message}`),
  });
  const { config } = ceremony;
  return {
    data: { folder, ...config },
    lines: [
      ...describeStatus(ceremony, new Date()),
      `  records        ${folder}`,
      ...warnOfOrigin(config.ptau.label),
    ],
  };
}

function readAnnouncement(args: NewArguments): Announcement {
  const { beaconAt, beaconRound, beaconSource, drandInfo } = args;
  const exp = Number(
    parseUnsigned("--beacon-iterations", args.beaconIterations ?? String(DEFAULT_ITERATIONS_EXP), 8),
  );
  if (beaconSource !== undefined) {
    if (beaconRound !== undefined || drandInfo !== undefined) {
      throw InputError.expected("--beacon-source", "no drand option beside it", beaconRound ?? drandInfo);
    }
    return announceNamed(beaconSource, readTime(beaconAt), exp);
  }
  const chain =
    drandInfo === undefined ? QUICKNET : parseDrandInfo(drandInfo, readJsonInput("--drand-info", drandInfo));
  if (beaconRound === undefined) return announceDrand(readTime(beaconAt), exp, chain);
  return announceDrandRound(Number(parseUnsigned("--beacon-round", beaconRound, 53)), exp, chain);
}

/** RFC 3339 down to the minute, so that a person can type it; always with its zone. */
function readTime(text: string | undefined): Date {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/;
  const time = new Date(text !== undefined && form.test(text) ? text : Number.NaN);
  if (!Number.isNaN(time.getTime())) return time;
  throw InputError.expected("--beacon-at", "a time with its zone, e.g. 2026-01-31T12:00Z", text);
}

export default action(newCeremony);
