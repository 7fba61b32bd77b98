import { getAddress } from "ethers";
import { contractOf } from "../../src/chain/deployment.ts";
import { updateDeployment } from "../../src/chain/deployment-lock.ts";
import { implementationOf } from "../../src/chain/verify.ts";
import type { DeployedSession } from "../support/session.ts";

/** Notes in the deployment file which implementation the proxy runs, once it is one that was deployed from here. */
export async function noteImplementation({ chain, deployment, provider }: DeployedSession): Promise<void> {
  const runs = await implementationOf(provider, contractOf(deployment, "verifier").address);
  if (getAddress(contractOf(deployment, "verifierImplementation").address) === runs) return;
  await updateDeployment(chain, ({ contracts, later }) => {
    const record = Object.values(later ?? {}).find(({ address }) => getAddress(address) === runs);
    if (record === undefined) return false;
    contracts.verifierImplementation = record;
    return true;
  });
}
