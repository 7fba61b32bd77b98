import { openConfiguredKeys, readKeysSettings } from "../../keys/index.ts";
import { witnessVerifierKey } from "../../services/witness/service.ts";
import { readSection } from "../config-file.ts";
import { judged, type Probe, requireWritable } from "./probe.ts";

/** What the witness of a configuration needs: its key, and a folder it may write. */
export function witnessProbes(path: string): Probe[] {
  const settings = readSection(path, "witness");
  return [
    {
      name: "witness key",
      look: () =>
        judged(`npx hardhat keys create --name ${settings.key} --algorithm ed25519`, async () => {
          const { keys } = openConfiguredKeys(readKeysSettings(path));
          return await witnessVerifierKey(settings, keys);
        }),
    },
    {
      name: "witness heads",
      look: () =>
        judged("choose another `folder`, or let this user write there", async () => {
          requireWritable(settings.folder);
          return `${settings.folder} can be written, logs: ${settings.logs.length}`;
        }),
    },
  ];
}
