import { equalBytes, toHex } from "../../core/bytes.ts";
import { CheckError } from "../../core/errors.ts";
import type { CheckedStream } from "./streams.ts";

/** A stream's head on chain; undefined where the stream is not open. `end` is 0 before its first batch. */
export type AnchoredHead = (
  streamId: Uint8Array,
) => Promise<{ readonly end: bigint; readonly stateRoot: Uint8Array } | undefined>;

/** How a restored stream stands to the chain. */
export interface ComparedStream {
  readonly streamId: Uint8Array;
  /** Last sequence number that is here. */
  readonly head: bigint;
  /** Last sequence number that is anchored; undefined where the stream is not open on chain. */
  readonly anchored: bigint | undefined;
  /** Sequence numbers that the chain has and that are not here, inclusive. */
  readonly missing?: { readonly from: bigint; readonly to: bigint };
  /** Sequence numbers that the chain has in batches and that are here, but in no batch yet: not compared so far. */
  readonly unbatched?: { readonly from: bigint; readonly to: bigint };
}

/**
 * Compares streams with what is anchored of them.
 *
 * @throws CheckError when a stream has another history than the chain: then it is no earlier state of the log, but another log.
 */
export async function compareWithChain(
  streams: readonly Omit<CheckedStream, "logRoot" | "checkpoint">[],
  headOf: AnchoredHead,
): Promise<ComparedStream[]> {
  const compared: ComparedStream[] = [];
  for (const { streamId, head, batches } of streams) {
    const anchored = await headOf(streamId);
    if (anchored === undefined || anchored.end === 0n) {
      compared.push({ streamId, head, anchored: anchored?.end });
      continue;
    }
    const { end, stateRoot } = anchored;
    const batch = batches.find((each) => each.end === end);
    if (batch !== undefined && !equalBytes(batch.stateRoot, stateRoot))
      throw new CheckError(
        `stream ${toHex(streamId)}: the chain has state root ${toHex(stateRoot)} at ${end}, the backup has ${toHex(batch.stateRoot)}`,
        { next: "this is another history: do not promote it; docs/incidents.md" },
      );
    if (batch === undefined && end <= head && batches.some((each) => each.start <= end && end <= each.end))
      throw new CheckError(
        `stream ${toHex(streamId)}: the chain's head ${end} is within a batch of the backup`,
      );
    const missing = end > head ? { missing: { from: head + 1n, to: end } } : {};
    const closed = batches.at(-1)?.end ?? 0n;
    const unbatched = end > closed && end <= head ? { unbatched: { from: closed + 1n, to: end } } : {};
    compared.push({ streamId, head, anchored: end, ...missing, ...unbatched });
  }
  return compared;
}

/**
 * Refuses what lacks anchored events.
 *
 * @throws CheckError naming the missing sequence numbers of each stream.
 */
export function requireWhole(compared: readonly ComparedStream[]): void {
  const lacking = compared.flatMap(({ streamId, missing }) =>
    missing === undefined
      ? []
      : [`stream ${toHex(streamId)} lacks sequences ${missing.from} to ${missing.to}`],
  );
  if (lacking.length === 0) return;
  throw new CheckError(`the chain is ahead of what was restored: ${lacking.join("; ")}`, {
    next: "restore a newer backup, or to a later point in time; agents can also send those events again (their receipts name them)",
  });
}
