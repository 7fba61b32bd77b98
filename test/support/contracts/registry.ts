import { createHash } from "node:crypto";
import { concat, keccak256, toBeHex, toUtf8Bytes, ZeroHash } from "ethers";
import type { AnchorRegistry } from "../../../build/types/contracts/compliance/AnchorRegistry.ts";
import { type Actors, ADMIN_DELAY, type Chain } from "./chain.ts";

/** `Batch` of IAnchorRegistry.sol. */
export interface Batch {
  readonly startSequence: bigint;
  readonly endSequence: bigint;
  readonly count: bigint;
  readonly batchRoot: string;
  readonly factsRoot: string;
  readonly logRoot: string;
}

/** `BatchRef` of IAnchorRegistry.sol. */
export interface BatchRef {
  readonly batchIndex: bigint;
  readonly end: bigint;
  readonly matureAt: bigint;
  readonly factsRoot: string;
}

/** What `reopen` needs to know of a batch that was anchored. */
export interface Anchored {
  readonly ref: BatchRef;
  readonly contentRoot: string;
  readonly stateRoot: string;
}

export const STREAM = keccak256(toUtf8Bytes("a stream"));
export const OTHER_STREAM = keccak256(toUtf8Bytes("another stream"));

/** A 32-byte value that a test can tell apart, below the scalar field's order. */
export function word(n: number | bigint): string {
  return toBeHex(n, 32);
}

/** The batch that follows `lastEnd`, with all that can differ given or derived from its range. */
export function batchAfter(lastEnd: bigint, count: bigint, changes: Partial<Batch> = {}): Batch {
  const endSequence = lastEnd + count;
  return {
    startSequence: lastEnd + 1n,
    endSequence,
    count,
    batchRoot: word(endSequence * 10n + 1n),
    factsRoot: word(endSequence * 10n + 2n),
    logRoot: word(endSequence * 10n + 3n),
    ...changes,
  };
}

/** `R` of docs/formats.md, computed by Node's own SHA-256. */
export function contentRootOf(batch: Batch): string {
  return sha256(toUtf8Bytes("PROOFX_BATCH_V1"), batch.batchRoot, batch.factsRoot, batch.logRoot);
}

/** The state root of docs/formats.md, computed by Node's own SHA-256. */
export function stateRootOf(streamId: string, previous: string, batch: Batch): string {
  return sha256(
    toUtf8Bytes("VES_STATE_ROOT_V1"),
    streamId,
    previous,
    contentRootOf(batch),
    toBeHex(batch.startSequence, 8),
    toBeHex(batch.endSequence, 8),
    toBeHex(batch.count, 4),
  );
}

export async function deployRegistry(
  { ethers }: Chain,
  actors: Actors,
  timelock = actors.timelock.address,
): Promise<AnchorRegistry> {
  const guardians = [actors.guardian.address, actors.otherGuardian.address];
  const registry = await ethers.deployContract("AnchorRegistry", [
    actors.admin.address,
    ADMIN_DELAY,
    guardians,
    timelock,
  ]);
  return registry as unknown as AnchorRegistry;
}

/** Anchors the next batch of a stream as its anchorer, who must be `actors.anchorer`. */
export async function anchorNext(
  registry: AnchorRegistry,
  actors: Actors,
  options: { streamId?: string; count?: bigint; changes?: Partial<Batch> } = {},
): Promise<Anchored> {
  const streamId = options.streamId ?? STREAM;
  const head = await registry.head(streamId);
  const batch = batchAfter(head.end, options.count ?? 10n, options.changes);
  const sent = await registry.connect(actors.anchorer).anchor(streamId, batch, head.stateRoot);
  const block = await (await sent.wait())?.getBlock();
  if (block === undefined) throw new Error("anchoring was not mined");
  return {
    ref: {
      batchIndex: head.batchIndex + 1n,
      end: batch.endSequence,
      matureAt: BigInt(block.timestamp) + head.maturityDelay,
      factsRoot: batch.factsRoot,
    },
    contentRoot: contentRootOf(batch),
    stateRoot: stateRootOf(streamId, head.stateRoot, batch),
  };
}

/** The arguments of `reopen` that keep `anchored[0 .. keep - 1]` of a stream's whole chain. */
export function reopenArguments(anchored: readonly Anchored[], keep: number) {
  const kept = anchored[keep - 1];
  const cut = anchored.slice(keep).map(({ contentRoot, ref }) => ({ contentRoot, end: ref.end }));
  return [BigInt(keep), kept?.ref.end ?? 0n, kept?.stateRoot ?? ZeroHash, cut] as const;
}

function sha256(...parts: (string | Uint8Array)[]): string {
  return `0x${createHash("sha256").update(concat(parts).slice(2), "hex").digest("hex")}`;
}
