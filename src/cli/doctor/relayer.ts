import { type Deployment, readDeploymentFile } from "../../chain/deployment.ts";
import { Endpoint } from "../../chain/relay/rpc.ts";
import { InputError } from "../../core/errors.ts";
import { openConfiguredKeys, readKeysSettings } from "../../keys/index.ts";
import { readToken } from "../../services/relayer/token.ts";
import { type RpcSettings, readRpcUrls } from "../../services/support/rpc.ts";
import { readSection } from "../config-file.ts";
import { judged, type Probe } from "./probe.ts";

/** What the relayer of a configuration needs: its deployment, nodes that serve that chain, its token, its two keys. */
export function relayerProbes(path: string): Probe[] {
  const settings = () => readSection(path, "relayer");
  return [
    {
      name: "relayer",
      look: () =>
        judged("docs/relayer.md", async () => {
          const { deployment, token_file } = settings();
          const { network } = readDeploymentFile(deployment);
          await readToken(token_file);
          return `deployment of ${network} and token file read well`;
        }),
    },
    {
      name: "rpc",
      look: () => judged("check the URLs and the network between", () => lookAtNodes(settings())),
    },
    {
      name: "keys",
      look: () =>
        judged("npx hardhat keys list", async () => {
          const { signer, sender } = settings();
          const { keys, place } = openConfiguredKeys(readKeysSettings(path));
          for (const name of [signer, sender]) await keys.info(name);
          return `"${signer}" and "${sender}" are in ${place}`;
        }),
    },
  ];
}

/** That all nodes serve the deployment's chain. Endpoints by number: their URLs may carry keys. @throws InputError, RpcFault */
export async function lookAtNodes(
  settings: RpcSettings & { readonly deployment: string },
  section = "relayer",
): Promise<string> {
  const deployment = readDeploymentFile(settings.deployment);
  const urls = await readRpcUrls(settings, section);
  for (const [index, url] of urls.entries()) {
    await lookAtNode(new Endpoint(index, url, settings.rpc_timeout * 1000), index + 1, deployment);
  }
  return `${urls.length} endpoint${urls.length === 1 ? " serves" : "s serve"} chain ${deployment.chainId}`;
}

async function lookAtNode(node: Endpoint, number: number, deployment: Deployment): Promise<void> {
  const chainId = BigInt(String(await node.call("eth_chainId", [])));
  const genesis = (await node.call("eth_getBlockByNumber", ["0x0", false])) as { hash?: string } | null;
  if (String(chainId) === deployment.chainId && genesis?.hash === deployment.genesisHash) return;
  throw InputError.expected(
    `endpoint ${number}`,
    `chain ${deployment.chainId} of the deployment`,
    `chain ${chainId}`,
  );
}
