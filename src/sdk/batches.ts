import { z } from "zod";
import { hexField, u64Field } from "../core/json.ts";
import { readAnswer } from "./answer.ts";
import type { Transport } from "./transport.ts";

const BATCH = z.looseObject({
  batch_index: u64Field,
  start_sequence: u64Field,
  end_sequence: u64Field,
  anchors: z.array(
    z.looseObject({
      chain_id: u64Field,
      registry: hexField(20),
      status: z.enum(["pending", "included", "anchored"], { error: "a status" }),
      chain_batch_index: u64Field.nullable(),
    }),
  ),
});
const PAGE = z.looseObject({ batches: z.array(BATCH), next: u64Field.nullable() });

/** What became of a batch on a chain, as the sequencer says: the chain itself is what to believe. */
export interface BatchAnchor {
  readonly chainId: bigint;
  /** Address of the AnchorRegistry, 20 bytes. */
  readonly registry: Uint8Array;
  readonly status: "pending" | "included" | "anchored";
  /** The registry's number of it, once it is in a block. */
  readonly chainBatchIndex: bigint | undefined;
}

/** A closed range of a stream's events; sequence numbers inclusive. */
export interface ClosedRange {
  readonly index: bigint;
  readonly start: bigint;
  readonly end: bigint;
  readonly anchors: readonly BatchAnchor[];
}

/** Reads which batches a stream was closed into. */
export class BatchReader {
  readonly #transport: Transport;
  readonly #path: string;

  constructor(transport: Transport, path: string) {
    this.#transport = transport;
    this.#path = path;
  }

  /** The batches from an index on, oldest first. */
  async *batches(from = 1n, signal?: AbortSignal): AsyncGenerator<ClosedRange> {
    for (let next: bigint | null = from; next !== null; ) {
      const answer = await this.#transport.json(`${this.#path}/batches?from=${next}`, { signal });
      const page: z.output<typeof PAGE> = readAnswer(PAGE, answer, "batches");
      for (const batch of page.batches) yield rangeOf(batch);
      next = page.next;
    }
  }
}

function rangeOf(batch: z.output<typeof BATCH>): ClosedRange {
  return {
    index: batch.batch_index,
    start: batch.start_sequence,
    end: batch.end_sequence,
    anchors: batch.anchors.map((anchor) => ({
      chainId: anchor.chain_id,
      registry: anchor.registry,
      status: anchor.status,
      chainBatchIndex: anchor.chain_batch_index ?? undefined,
    })),
  };
}
