import { transactionSchema } from "../../../src/aleo/block.ts";
import type { BuiltTransaction } from "../../../src/aleo/build.ts";
import type { AleoLedger } from "../../../src/aleo/ledger.ts";
import type { BlockContext } from "../../../src/aleo/replay/ledger-state.ts";
import { type Future, parseFuture } from "../../../src/aleo/replay/plaintext.ts";

/** What a transaction leaves for the end of its block; undefined when its function changes nothing on the ledger. */
export function futureOf({ text }: BuiltTransaction): Future | undefined {
  const { execution } = transactionSchema.parse(JSON.parse(text));
  const output = execution?.transitions.at(-1)?.outputs.at(-1);
  return output?.type === "future" && output.value !== undefined ? parseFuture(output.value) : undefined;
}

/** The block that is made next, about now. */
export async function nextBlock(ledger: AleoLedger): Promise<BlockContext> {
  const { height, network } = (await ledger.latestBlock()).header.metadata;
  return { height: height + 1, timestamp: Math.floor(Date.now() / 1000), network };
}
