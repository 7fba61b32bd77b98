import { InputError, UnavailableError } from "../../core/errors.ts";

/** Milliseconds until an answer is given up on. */
const TIMEOUT = 30_000;

/** The newest block that a subgraph has taken in. */
export interface SubgraphHead {
  readonly number: number;
  readonly hash: string;
  /** A handler failed, so that it goes no further; why, {@link readFailure} knows. */
  readonly failed: boolean;
  /** What its node calls what it runs. */
  readonly deployment: string;
}

/** Why a subgraph goes no further. */
export interface SubgraphFailure {
  /** Block whose handler failed; absent when the node does not say. */
  readonly block?: number;
  readonly message: string;
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
    _meta: { hasIndexingErrors: boolean; deployment: string; block: { number: number; hash: string } };
  }>(url, "{ _meta { hasIndexingErrors deployment block { number hash } } }");
  const { block, deployment, hasIndexingErrors: failed } = _meta;
  return { number: block.number, hash: block.hash, failed, deployment };
}

const STATUS =
  "query Status($of: [String!]!) { indexingStatuses(subgraphs: $of) { health fatalError { message block { number } } } }";

/**
 * Why a subgraph stopped, if it did.
 *
 * @param url Its node's endpoint for statuses, e.g. `http://127.0.0.1:8030/graphql`.
 * @param deployment As {@link readHead} has it.
 * @throws UnavailableError when the node does not answer, or has no such subgraph.
 */
export async function readFailure(url: string, deployment: string): Promise<SubgraphFailure | undefined> {
  const { indexingStatuses } = await ask<{
    indexingStatuses: {
      health: string;
      fatalError: { message: string; block: { number: number | string } | null } | null;
    }[];
  }>(url, STATUS, { of: [deployment] });
  const [status] = indexingStatuses;
  if (status === undefined) throw new UnavailableError("the graph-node has no such subgraph");
  if (status.health !== "failed") return undefined;
  const { message = "it does not say why", block } = status.fatalError ?? {};
  return { message, ...(block === null || block === undefined ? {} : { block: Number(block.number) }) };
}
