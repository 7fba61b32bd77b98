import { FetchRequest, JsonRpcProvider } from "ethers";
import { UnavailableError } from "../../core/errors.ts";

/** The newest block of a chain; {@link UnavailableError} when the node does not answer. */
export async function chainHead(rpcUrl: string): Promise<number> {
  const request = new FetchRequest(rpcUrl);
  request.timeout = 10_000;
  const provider = new JsonRpcProvider(request, undefined, { cacheTimeout: -1 });
  try {
    return Number(await provider.send("eth_blockNumber", []));
  } catch (cause) {
    throw new UnavailableError("the chain's node does not answer", { cause, next: "check --rpc" });
  } finally {
    provider.destroy();
  }
}
