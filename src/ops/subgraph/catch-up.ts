import { setTimeout as pause } from "node:timers/promises";
import { readHead, type SubgraphHead } from "./query.ts";

/** Where a subgraph is, and how many blocks that is behind its chain. */
export interface Lag extends SubgraphHead {
  readonly blocks: number;
}

/** Between two looks; milliseconds. */
const LOOK_EVERY = 500;

/**
 * Looks how far a subgraph is behind its chain, until it is within a limit, a handler failed, or the time is over. One that was deployed a
 * moment ago has nothing to say yet: what the last look met is what counts.
 *
 * @param head The chain's newest block.
 * @param limit Blocks.
 * @param wait Seconds.
 * @throws what {@link readHead} and `head` throw, once the time is over.
 */
export async function untilWithin(
  url: string,
  head: () => Promise<number>,
  limit: number,
  wait: number,
): Promise<Lag> {
  const last = performance.now() + wait * 1000;
  for (;;) {
    const over = performance.now() >= last;
    const lag = await lagOf(url, head).catch((error: unknown) => {
      if (over) throw error;
    });
    if (lag !== undefined && (over || lag.failed || lag.blocks <= limit)) return lag;
    await pause(LOOK_EVERY);
  }
}

async function lagOf(url: string, head: () => Promise<number>): Promise<Lag> {
  // The chain first: a block that is mined in between must not count.
  const number = await head();
  const seen = await readHead(url);
  return { ...seen, blocks: Math.max(0, number - seen.number) };
}
