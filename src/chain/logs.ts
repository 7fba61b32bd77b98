import type { Log, Provider } from "ethers";

/** Blocks asked for at once: public nodes refuse longer ranges. */
const RANGE = 9_000;

/** A contract's logs in order, asked for in ranges that public nodes answer. */
export async function* logsOf(
  provider: Provider,
  address: string,
  topics: (string | string[] | null)[],
  fromBlock: number,
  toBlock: number,
): AsyncGenerator<Log> {
  for (let from = fromBlock; from <= toBlock; from += RANGE) {
    const to = Math.min(from + RANGE - 1, toBlock);
    yield* await provider.getLogs({ address, fromBlock: from, toBlock: to, topics });
  }
}
