import { readDeploymentFile } from "../../chain/deployment.ts";
import { readPrivateFile } from "../../keys/files.ts";
import { readRpcUrls } from "../../services/support/rpc.ts";
import { readSection } from "../config-file.ts";
import { judged, type Probe, requireWritable } from "./probe.ts";
import { lookAtNodes } from "./relayer.ts";

/** What the watcher of a configuration needs: nodes that serve its chain, a folder it may write, its logs' credentials. */
export function watcherProbes(path: string): Probe[] {
  const settings = readSection(path, "watcher");
  return [
    {
      name: "watcher rpc",
      look: () =>
        judged("check the URLs and the network between", async () => {
          const looked = await lookAtNodes(settings, "watcher");
          const { length } = await readRpcUrls(settings, "watcher");
          return length > 1
            ? looked
            : `${looked}; what it says is believed: name two more, of other operators`;
        }),
    },
    {
      name: "watcher state",
      look: () =>
        judged("choose another `folder`, or let this user write there", async () => {
          requireWritable(settings.folder);
          for (const { token_file } of settings.logs)
            await readPrivateFile("watcher.logs.token_file", token_file, "follow");
          const { network } = readDeploymentFile(settings.deployment);
          return `${settings.folder} can be written; follows ${network} and ${settings.logs.length} logs`;
        }),
    },
  ];
}
