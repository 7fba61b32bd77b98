import { type Provider, ZeroHash } from "ethers";
import { fromHex, toHex } from "../core/bytes.ts";
import { CheckError, InputError } from "../core/errors.ts";
import { contentRoot, stateRoot } from "../core/log/index.ts";
import { abiOf } from "./artifacts.ts";
import { connect } from "./contracts.ts";
import { contractOf, type Deployment } from "./deployment.ts";
import { logsOf } from "./logs.ts";

/** What names one anchored batch to the registry; `BatchRef` in IAnchorRegistry.sol. */
export interface BatchRef {
  readonly batchIndex: bigint;
  readonly end: bigint;
  /** Unix time (s) from which the facts root counts. */
  readonly matureAt: bigint;
  /** 32 bytes, 0x hex; zero when the batch carries no facts. */
  readonly factsRoot: string;
}

/** A batch as its log tells it. Roots are 32 bytes of 0x hex. */
export interface AnchoredBatch extends BatchRef {
  readonly startSequence: bigint;
  readonly batchRoot: string;
  readonly logRoot: string;
  readonly stateRoot: string;
  readonly blockNumber: number;
  readonly transactionHash: string;
}

/** What `reopen` takes: the state to keep, and the batches after it, oldest first. */
export interface StreamCut {
  /** Index of the last batch that stays; 0 when none does. */
  readonly keepIndex: bigint;
  readonly end: bigint;
  /** State root after the last batch that stays; zero when none stays. */
  readonly stateRoot: string;
  readonly cut: readonly { readonly contentRoot: string; readonly end: bigint }[];
}

/** The batches a stream consists of now, oldest first, replayed from its logs; cut ones are left out. */
export async function streamBatches(
  provider: Provider,
  deployment: Deployment,
  streamId: string,
): Promise<AnchoredBatch[]> {
  const abi = abiOf("AnchorRegistry");
  const { address, blockNumber } = contractOf(deployment, "registry");
  const topics = [["BatchAnchored", "StreamReopened"].map((name) => abi.getEvent(name)?.topicHash ?? "")];
  const latest = await provider.getBlockNumber();
  const batches: AnchoredBatch[] = [];
  for await (const log of logsOf(provider, address, [...topics, streamId], blockNumber, latest)) {
    const event = abi.parseLog(log);
    if (event === null) continue;
    // Indices run from 1 without gaps; a reopening keeps those up to its index.
    if (event.name === "StreamReopened")
      batches.length = Math.min(batches.length, Number(event.args.batchIndex));
    else batches.push(batchOf(event.args as unknown as BatchArgs, log));
  }
  return batches;
}

/**
 * A batch of a stream, by its index.
 *
 * @throws InputError when the stream has no such batch now.
 */
export async function findBatch(
  provider: Provider,
  deployment: Deployment,
  streamId: string,
  batchIndex: bigint,
): Promise<AnchoredBatch> {
  const batches = await streamBatches(provider, deployment, streamId);
  const found = batches.find((batch) => batch.batchIndex === batchIndex);
  if (found !== undefined) return found;
  throw InputError.expected("batch", `an index from 1 to ${batches.length}`, batchIndex);
}

/**
 * What it takes to cut a stream's batches after `keepIndex`, in steps that each cut from the head at that time. Their bounds
 * are counted from `keepIndex`, not from the head: when batches came or went at the head, older steps are what they were.
 *
 * @param limit Batches a step, at most.
 * @returns newest batches first, at least one step; it cuts nothing when `keepIndex` is the newest batch.
 * @throws InputError when the stream is shorter; CheckError when the logs do not hash to the stream's head.
 */
export async function streamCuts(
  provider: Provider,
  deployment: Deployment,
  streamId: string,
  keepIndex: bigint,
  limit = Number.POSITIVE_INFINITY,
): Promise<StreamCut[]> {
  const batches = await streamBatches(provider, deployment, streamId);
  const head = await connect(deployment, provider).registry.head(streamId);
  if (keepIndex < 0n || keepIndex > head.batchIndex) {
    throw InputError.expected(
      "batch to keep",
      `an index from 0 to ${head.batchIndex}, the stream's newest`,
      keepIndex,
    );
  }
  const keep = Number(keepIndex);
  requireHead(streamId, batches[keep - 1]?.stateRoot ?? ZeroHash, batches.slice(keep), batches.length, head);
  const steps: StreamCut[] = [];
  let from = keep;
  do {
    steps.unshift(cutOf(batches, from, from + limit));
    from += limit;
  } while (from < batches.length);
  return steps;
}

/** The cut of the batches after the index `keep`, up to the index `last`. */
function cutOf(batches: readonly AnchoredBatch[], keep: number, last: number): StreamCut {
  const kept = batches[keep - 1];
  return {
    keepIndex: BigInt(keep),
    end: kept?.end ?? 0n,
    stateRoot: kept?.stateRoot ?? ZeroHash,
    cut: batches.slice(keep, last).map((batch) => ({ contentRoot: contentOf(batch), end: batch.end })),
  };
}

/** The registry demands the same of `reopen`, but only after the timelock's delay: it is checked before as well. */
function requireHead(
  streamId: string,
  kept: string,
  cut: readonly AnchoredBatch[],
  logged: number,
  head: { readonly stateRoot: string; readonly batchIndex: bigint },
): void {
  let root = kept;
  for (const batch of cut) root = nextRoot(streamId, root, batch);
  if (root === head.stateRoot && BigInt(logged) === head.batchIndex) return;
  throw new CheckError(
    `stream ${streamId}: its ${logged} logged batches hash to state root ${root}, and the registry has ` +
      `${head.batchIndex} batches with ${head.stateRoot}`,
    { next: "the node left out logs: use an archive node" },
  );
}

function nextRoot(streamId: string, previous: string, batch: AnchoredBatch): string {
  const bytes = (what: string, hex: string) => fromHex(what, hex, 32);
  return toHex(
    stateRoot({
      streamId: bytes("stream id", streamId),
      previous: bytes("state root", previous),
      contentRoot: bytes("content root", contentOf(batch)),
      start: batch.startSequence,
      end: batch.end,
      count: Number(batch.end - batch.startSequence + 1n),
    }),
  );
}

function contentOf({ batchRoot, factsRoot, logRoot }: AnchoredBatch): string {
  const bytes = (hex: string) => fromHex("root", hex, 32);
  return toHex(
    contentRoot({ batchRoot: bytes(batchRoot), factsRoot: bytes(factsRoot), logRoot: bytes(logRoot) }),
  );
}

type BatchArgs = Omit<AnchoredBatch, "end"> & { readonly endSequence: bigint };

function batchOf(args: BatchArgs, log: { blockNumber: number; transactionHash: string }): AnchoredBatch {
  const {
    batchIndex,
    startSequence,
    endSequence,
    batchRoot,
    factsRoot,
    logRoot,
    stateRoot: root,
    matureAt,
  } = args;
  const { blockNumber, transactionHash } = log;
  return {
    batchIndex,
    startSequence,
    end: endSequence,
    batchRoot,
    factsRoot,
    logRoot,
    stateRoot: root,
    matureAt,
    blockNumber,
    transactionHash,
  };
}
