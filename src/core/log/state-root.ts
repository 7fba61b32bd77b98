import { requireLength, uint } from "../bytes.ts";
import { taggedHash } from "../hash.ts";

/** The three roots of a batch, 32 bytes each. */
export interface BatchRoots {
  /** Root of the VES batch tree over the batch's leaves. */
  readonly batchRoot: Uint8Array;
  /** Root of the Poseidon tree over the batch's facts; zero when no event carries facts. */
  readonly factsRoot: Uint8Array;
  /** RFC 9162 root of the stream's whole log at the batch's end. */
  readonly logRoot: Uint8Array;
}

/** One link of a stream's chain of batches; `start` and `end` are inclusive sequence numbers. */
export interface StateLink {
  readonly streamId: Uint8Array;
  /** 32 zero bytes before the first batch. */
  readonly previous: Uint8Array;
  readonly contentRoot: Uint8Array;
  readonly start: bigint;
  readonly end: bigint;
  readonly count: number;
}

/** What a batch says, `R` in docs/formats.md: `H("PROOFX_BATCH_V1" || batch root || facts root || log root)`. */
export function contentRoot({ batchRoot, factsRoot, logRoot }: BatchRoots): Uint8Array {
  return taggedHash(
    "PROOFX_BATCH_V1",
    requireLength("batch root", batchRoot, 32),
    requireLength("facts root", factsRoot, 32),
    requireLength("log root", logRoot, 32),
  );
}

/** `H("VES_STATE_ROOT_V1" || stream id || previous || R || u64 start || u64 end || u32 count)`. */
export function stateRoot(link: StateLink): Uint8Array {
  return taggedHash(
    "VES_STATE_ROOT_V1",
    requireLength("stream id", link.streamId, 32),
    requireLength("previous state root", link.previous, 32),
    requireLength("content root", link.contentRoot, 32),
    uint("start", link.start, 8),
    uint("end", link.end, 8),
    uint("count", link.count, 4),
  );
}
