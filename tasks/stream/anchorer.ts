import { ZeroAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { replaceAnchorer } from "../../src/chain/changes/index.ts";
import { InputError } from "../../src/core/errors.ts";
import type { ActArguments } from "../support/act.ts";
import { type Build, carryOut } from "../support/carry-out.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, type TaskIo, type TaskResult } from "../support/task.ts";
import { parseAddress } from "../support/values.ts";
import { type StreamArguments, streamOf } from "./id.ts";

export interface AnchorerArguments extends ActArguments, StreamArguments {
  readonly anchorer: string | undefined;
  readonly suspend: boolean;
}

/** Replaces a stream's anchorer, or suspends the stream. */
export async function anchorer(
  args: AnchorerArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const streamId = streamOf(args);
  const newAnchorer = anchorerOf(args);
  const session = await openDeployedSession(hre);
  const build: Build = (context) => replaceAnchorer(context, streamId, newAnchorer);
  return (await carryOut({ hre, session, args, io }, [build], { data: { streamId } })).result;
}

function anchorerOf({ anchorer: given, suspend }: AnchorerArguments): string {
  if ((given === undefined) === !suspend) {
    throw InputError.expected("--anchorer", "the new anchorer's address, or --suspend and no address", given);
  }
  if (given === undefined) return ZeroAddress;
  const address = parseAddress("--anchorer", given);
  if (address !== ZeroAddress) return address;
  throw InputError.expected("--anchorer", "an address that is not zero; --suspend lets nobody anchor", given);
}

export default action(anchorer);
