import { InputError, UnavailableError } from "../../core/errors.ts";

/** Milliseconds until an answer is given up on. */
const TIMEOUT = 30_000;

/** The newest block that a subgraph has taken in. */
export interface SubgraphHead {
  readonly number: number;
  readonly hash: string;
  /** A handler failed, so that it goes no further. */
  readonly failed: boolean;
}

/**
 * Asks a subgraph.
 *
 * @throws UnavailableError when it does not answer; InputError when it refuses the query.
 */
export async function ask<T>(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<T> {
  let answer: { data?: T; errors?: { message: string }[] };
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(TIMEOUT),
    });
    answer = (await response.json()) as typeof answer;
  } catch (cause) {
    throw new UnavailableError(`the subgraph at ${new URL(url).origin} does not answer`, {
      cause,
      next: "npx proofx subgraph dev runs one",
    });
  }
  const [error] = answer.errors ?? [];
  if (error !== undefined)
    throw new InputError(`the subgraph refused the query: ${error.message}`, {
      next: "compare it with subgraph/schema.graphql",
    });
  if (answer.data === undefined) throw new UnavailableError("the subgraph gave no data");
  return answer.data;
}

/** @throws UnavailableError when it does not answer; InputError before it has taken in its first block. */
export async function readHead(url: string): Promise<SubgraphHead> {
  const { _meta } = await ask<{
    _meta: { hasIndexingErrors: boolean; block: { number: number; hash: string } };
  }>(url, "{ _meta { hasIndexingErrors block { number hash } } }");
  return { number: _meta.block.number, hash: _meta.block.hash, failed: _meta.hasIndexingErrors };
}

/** Blocks that a subgraph is behind its chain's head; 0 when it has all. */
export async function readLag(url: string, head: () => Promise<number>): Promise<number> {
  // The chain first: a block that is mined in between must not count.
  const number = await head();
  return Math.max(0, number - (await readHead(url)).number);
}
