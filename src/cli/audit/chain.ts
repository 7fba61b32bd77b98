import { FetchRequest, JsonRpcProvider, type Provider } from "ethers";
import { contractOf, readDeploymentFile } from "../../chain/deployment.ts";
import { InputError } from "../../core/errors.ts";
import { readPrivateFile } from "../../keys/files.ts";
import type { DeploymentPin } from "../../sequencer/audit-file/index.ts";

/** What a deployment file says of the contracts an auditor relies on. */
export function pinDeployment(path: string): DeploymentPin {
  const deployment = readDeploymentFile(path);
  return {
    chainId: BigInt(deployment.chainId),
    registry: contractOf(deployment, "registry").address.toLowerCase(),
    verifier: contractOf(deployment, "verifier").address.toLowerCase(),
    verificationKeyHash: deployment.setup.verificationKeyHash,
  };
}

/**
 * Works with the node that a private file names.
 *
 * @throws InputError for a file that others may read, or that holds no URL; the URL, which may hold a key, is never repeated.
 */
export async function withNode<T>(urlFile: string, work: (provider: Provider) => Promise<T>): Promise<T> {
  const text = (await readPrivateFile("--rpc", urlFile, "follow")).toString().trim();
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InputError(`--rpc: expected an http or https URL in ${urlFile}, got something else`);
  const request = new FetchRequest(text);
  request.timeout = 20_000;
  const provider = new JsonRpcProvider(request, undefined, { cacheTimeout: -1 });
  try {
    return await work(provider);
  } finally {
    provider.destroy();
  }
}
