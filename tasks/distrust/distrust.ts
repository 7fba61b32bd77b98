import type { Provider } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { distrustCircuitVersion, distrustSigner } from "../../src/chain/changes/index.ts";
import { InputError } from "../../src/core/errors.ts";
import type { ActArguments } from "../support/act.ts";
import { type Build, carryOut } from "../support/carry-out.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { parseAddress, parseUnsigned } from "../support/values.ts";

export interface DistrustArguments extends ActArguments {
  readonly signer: string | undefined;
  readonly circuitVersion: string | undefined;
  readonly since: string | undefined;
}

/** Distrusts a signer or a circuit version since a time. */
export async function distrust(
  args: DistrustArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const { signer, circuitVersion: version } = args;
  if ((signer === undefined) === (version === undefined)) {
    throw InputError.expected(
      "--signer",
      "a signer's address, or --circuit-version and a circuit version",
      signer,
    );
  }
  const given = required(
    "since",
    args.since,
    "block:NUMBER, a unix time in seconds, or an ISO date and time",
  );
  const session = await openDeployedSession(hre);
  const since = await parseTime(session.provider, given);
  const build = buildFor({ signer, version }, since);
  return (await carryOut({ hre, session, args, io }, [build], { data: { since } })).result;
}

function buildFor(
  { signer, version }: { signer: string | undefined; version: string | undefined },
  since: bigint,
): Build {
  if (signer !== undefined) {
    const address = parseAddress("--signer", signer);
    return (context) => distrustSigner(context, address, since);
  }
  const number = Number(parseUnsigned("--circuit-version", version ?? "", 32));
  return (context) => distrustCircuitVersion(context, number, since);
}

/** A time (unix s) as a person names it; a block stands for its timestamp. */
async function parseTime(provider: Provider, text: string): Promise<bigint> {
  if (/^\d{1,20}$/.test(text)) return BigInt(text);
  const number = /^block:(\d{1,15})$/.exec(text)?.[1];
  if (number !== undefined) {
    const block = await provider.getBlock(Number(number));
    if (block !== null) return BigInt(block.timestamp);
    throw InputError.expected("--since", "a block of this chain", text);
  }
  const milliseconds = Date.parse(text);
  // Without a zone the same text would be another time on another machine.
  if (Number.isFinite(milliseconds) && /(Z|[+-]\d{2}:\d{2})$/.test(text)) {
    return BigInt(Math.floor(milliseconds / 1000));
  }
  throw InputError.expected(
    "--since",
    "block:NUMBER, a unix time in seconds, or an ISO date and time with its zone, e.g. 2026-01-31T12:00:00Z",
    text,
  );
}

export default action(distrust);
