import { type Block, isError, type Provider } from "ethers";
import type { Deployment } from "../../chain/deployment.ts";
import { AgreedProvider } from "../../chain/relay/agreed-provider.ts";
import type { RpcPool } from "../../chain/relay/pool.ts";
import { ProofXError, UnavailableError } from "../../core/errors.ts";

/** The chain as probes see it. */
export interface ChainView {
  /** What it says, a quorum of nodes says. */
  readonly provider: Provider;
  readonly deployment: Deployment;
  readonly pool: RpcPool;
  /** The newest agreed block. @throws UnavailableError when there is none. */
  head(): Promise<Block>;
  /** What `read` gives. @throws UnavailableError for whatever the nodes do wrong. */
  ask<T>(read: () => Promise<T>): Promise<T>;
}

/** Looks at a deployment's chain through a pool. */
export function viewChain({ pool, deployment }: { pool: RpcPool; deployment: Deployment }): ChainView {
  const provider = new AgreedProvider(pool, BigInt(deployment.chainId));
  const ask = async <T>(read: () => Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      if (error instanceof ProofXError) throw error;
      // ethers wraps what the provider threw, and names what it cannot decode.
      if (isError(error, "CALL_EXCEPTION") || isError(error, "BAD_DATA") || isError(error, "UNKNOWN_ERROR"))
        throw new UnavailableError(`the chain answered with something else: ${error.shortMessage}`, {
          cause: error,
        });
      throw error;
    }
  };
  return {
    provider,
    deployment,
    pool,
    ask,
    head: () =>
      ask(async () => {
        const block = await provider.getBlock("latest");
        if (block === null) throw new UnavailableError("the chain has no newest block");
        return block;
      }),
  };
}
