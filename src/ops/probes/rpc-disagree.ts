import type { RpcPool } from "../../chain/relay/pool.ts";
import { blockTag, parseBlock, readHeads } from "../../chain/relay/reads.ts";
import type { Finding, Probe } from "../alerts/finding.ts";

/**
 * RPC endpoints that say something else than a quorum of them, or are behind it: the subject is the endpoint's number in the
 * configuration, the figure the blocks it is behind.
 *
 * @param limit Blocks behind the agreed head.
 */
export function rpcDisagreeProbe(pool: RpcPool, limit: number): Probe {
  return {
    name: "rpc-disagree",
    every: 30,
    look: async () => {
      const { agreed, each } = await readHeads(pool);
      if (agreed === undefined)
        return each.map((_, index) => unknownOf(index, `fewer than ${pool.quorum} endpoints answer`));
      // A little below the head, where honest nodes have seen the same blocks.
      const at = Math.max(0, agreed - limit);
      const answers = await pool.each("eth_getBlockByNumber", [blockTag(at), false], parseBlock);
      const hashes = answers.map(({ result }) => (result instanceof Error ? undefined : result?.hash));
      const votes = (hash: string) => hashes.filter((other) => other === hash).length;
      const right = hashes.find((hash) => hash !== undefined && votes(hash) >= pool.quorum);
      return each.map((head, index) => {
        if (head === undefined) return unknownOf(index, `endpoint ${index} does not answer`);
        if (right === undefined) return unknownOf(index, `no ${pool.quorum} endpoints agree on block ${at}`);
        return findingOf(index, {
          behind: Math.max(0, agreed - head),
          limit,
          at,
          hash: hashes[index],
          right,
        });
      });
    },
  };
}

function findingOf(
  index: number,
  seen: {
    readonly behind: number;
    readonly limit: number;
    readonly at: number;
    readonly hash: string | undefined;
    readonly right: string;
  },
): Finding {
  const { behind, limit, at, hash, right } = seen;
  const lies = hash !== undefined && hash !== right;
  return {
    subject: String(index),
    breached: lies || behind > limit,
    summary: lies
      ? `endpoint ${index} has another block ${at} than the others`
      : `endpoint ${index} is ${behind} blocks behind the others; the limit is ${limit}`,
    value: behind,
    ...(lies ? { details: { block: String(at), its: hash, agreed: right } } : {}),
  };
}

function unknownOf(index: number, summary: string): Finding {
  return { subject: String(index), breached: undefined, summary };
}
