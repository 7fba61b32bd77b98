import { equalBytes } from "../../core/bytes.ts";
import { CheckError } from "../../core/errors.ts";
import { computeBatch } from "../batches/compute.ts";
import { insertBatch, lastBatch, readRange, type StreamKey, stateAfter } from "../batches/rows.ts";
import type { Store } from "../store/index.ts";

/** A batch as the chain has it. */
export interface BatchOnChain {
  readonly end: bigint;
  /** 32 bytes. */
  readonly stateRoot: Uint8Array;
}

/**
 * Closes events that a backup has in no batch as the chain's batches close them. Closed at any other place they would never be
 * anchored: the chain's head would be no batch of this log.
 *
 * @param anchored The stream's batches on chain, oldest first, none beyond the events that are here.
 * @returns How many batches were closed: all of those that were missing, or none.
 * @throws CheckError when the events here give another state root: the chain has another history.
 */
export async function closeAsAnchored(
  store: Store,
  stream: StreamKey,
  anchored: readonly BatchOnChain[],
  now: number,
): Promise<number> {
  return await store.as("anchor").transaction(null, async (sql) => {
    let last = await lastBatch(sql, stream);
    const first = last?.endSequence ?? 0n;
    const missing = anchored.filter(({ end }) => end > first);
    for (const { end, stateRoot } of missing) {
      const computed = computeBatch(await readRange((work) => work(sql), stream, stateAfter(last), end));
      if (!equalBytes(computed.stateRoot, stateRoot))
        throw new CheckError(
          `store ${stream.store}: its events up to ${end} are not those that the chain has a batch of`,
          { next: "this is another history: do not promote it; docs/incidents.md" },
        );
      last = await insertBatch(sql, stream, (last?.batchIndex ?? 0n) + 1n, computed, now);
    }
    return missing.length;
  });
}
