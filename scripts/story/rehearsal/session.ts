import { JsonRpcProvider } from "ethers";
import { connect } from "../../../src/chain/contracts.ts";
import { requireDeployment } from "../../../src/chain/deployment.ts";
import { identifyChain } from "../../../src/chain/network.ts";
import type { DeployedSession } from "../../../tasks/support/session.ts";

/** A hold on a deployed chain outside Hardhat, closed at the end of its block. */
export async function openRehearsal(
  rpcUrl: string,
  network: string,
): Promise<DeployedSession & Disposable & { readonly provider: JsonRpcProvider }> {
  const provider = new JsonRpcProvider(rpcUrl, undefined, { cacheTimeout: -1 });
  const chain = await identifyChain(provider, network);
  const deployment = requireDeployment(chain);
  return {
    chain,
    provider,
    deployment,
    contracts: connect(deployment, provider),
    [Symbol.dispose]: () => provider.destroy(),
  };
}
