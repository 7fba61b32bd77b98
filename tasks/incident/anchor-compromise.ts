import { getAddress, isAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import { InputError } from "../../src/core/errors.ts";
import { anchorCompromise, type OwnBatch } from "../../src/ops/incidents/index.ts";
import { readBatchFile } from "../batch/file.ts";
import { openDeployedSession } from "../support/session.ts";
import { action, required, type TaskIo, type TaskResult } from "../support/task.ts";
import { parseUnsigned } from "../support/values.ts";
import { answer, type IncidentArguments, patienceOf, placeOf } from "./command.ts";
import { operatorHands } from "./hands.ts";

export interface AnchorArguments extends IncidentArguments {
  readonly stream: string | undefined;
  readonly keep: string | undefined;
  readonly newAnchorer: string | undefined;
  readonly batches: string | undefined;
  readonly guardian: string | undefined;
  readonly patience: string | undefined;
}

/** Answers a stolen anchorer key; the exit code is 1 while somebody else has to act or a delay runs. */
export async function answerAnchorCompromise(
  args: AnchorArguments,
  hre: HardhatRuntimeEnvironment,
  io: TaskIo,
): Promise<TaskResult> {
  const streamId = required("stream", args.stream, "a stream id");
  fromHex("--stream", streamId, 32);
  const keep = parseUnsigned("--keep", required("keep", args.keep, "the index of your last batch"), 32);
  const newAnchorer = required("new-anchorer", args.newAnchorer, "an address");
  if (!isAddress(newAnchorer)) throw InputError.expected("--new-anchorer", "an address", newAnchorer);
  const own = (args.batches?.split(",") ?? []).map((path) => ownBatch(path, streamId));
  const session = await openDeployedSession(hre);
  const place = placeOf(session.chain, "anchor-compromise", streamId, args);
  const keys = { admin: args.key, guardian: args.guardian };
  const options = { keys, out: place.out, confirm: args.confirm, patience: patienceOf(args.patience) };
  const given = { stream: streamId, keep: String(keep), "new-anchorer": newAnchorer };
  return answer(
    {
      incident: "anchor-compromise",
      chain: session.chain,
      place,
      given,
      hands: operatorHands(session, options, io),
      steps: (state, hands) =>
        anchorCompromise({
          context: session,
          hands,
          state,
          streamId,
          keep,
          newAnchorer: getAddress(newAnchorer),
          own,
        }),
    },
    args.dryRun,
    io,
  );
}

function ownBatch(path: string, streamId: string): OwnBatch {
  const file = readBatchFile("--batches", path);
  if (toHex(file.streamId) !== streamId) {
    throw InputError.expected(path, `a batch of stream ${streamId}`, toHex(file.streamId));
  }
  const { batchIndex, endSequence, batchRoot, factsRoot, logRoot } = file;
  return {
    batchIndex,
    end: endSequence,
    batchRoot: toHex(batchRoot),
    factsRoot: toHex(factsRoot),
    logRoot: toHex(logRoot),
  };
}

export default action(answerAnchorCompromise);
