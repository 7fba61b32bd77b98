import { z } from "zod";
import { UnavailableError } from "../../core/errors.ts";
import { readJson } from "../../core/json.ts";
import type { Probe } from "../alerts/finding.ts";
import type { ChainView } from "./chain.ts";
import { lookAt } from "./finding.ts";
import { askJson } from "./http.ts";

const answer = z.looseObject({
  data: z
    .looseObject({
      _meta: z.looseObject({
        block: z.looseObject({ number: z.int().nonnegative() }),
        hasIndexingErrors: z.boolean().optional(),
      }),
    })
    .nullish(),
});

const QUERY = JSON.stringify({ query: "{ _meta { block { number } hasIndexingErrors } }" });

/**
 * How many blocks the subgraph is behind the chain. One that stopped at an error of its mappings is in breach at once.
 *
 * @param url Its GraphQL endpoint.
 * @param limit Blocks.
 */
export function subgraphLagProbe(chain: ChainView, url: string, limit: number): Probe {
  return {
    name: "subgraph-lag",
    every: 60,
    look: async () => [
      await lookAt("", async () => {
        const { number, hasIndexingErrors } = await readMeta(url);
        const head = (await chain.head()).number;
        const lag = Math.max(0, head - number);
        const state = hasIndexingErrors === true ? "stopped at an error of its mappings, " : "";
        return {
          breached: lag > limit || hasIndexingErrors === true,
          summary: `the subgraph is ${state}${lag} blocks behind the chain (at ${number} of ${head}); the limit is ${limit}`,
          value: lag,
        };
      }),
    ],
  };
}

/** The newest block that a subgraph has indexed. @throws UnavailableError when it does not say. */
export async function readMeta(
  url: string,
): Promise<{ readonly number: number; readonly hasIndexingErrors: boolean | undefined }> {
  const said = await askJson("the subgraph", url, {
    method: "POST",
    body: QUERY,
    headers: { "content-type": "application/json" },
  });
  const meta = readJson(answer, said).data?._meta;
  if (meta === undefined) throw new UnavailableError("the subgraph answers without _meta");
  return { number: meta.block.number, hasIndexingErrors: meta.hasIndexingErrors };
}
