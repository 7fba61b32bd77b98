import { readCeremony } from "../../setup/ceremony/index.ts";
import { readSection } from "../config-file.ts";
import { judged, type Probe, requireWritable } from "./probe.ts";

/** What the coordinator of a configuration needs: its ceremony's records, and a folder it may write. */
export function coordinatorProbes(path: string): Probe[] {
  const settings = readSection(path, "coordinator");
  return [
    {
      name: "ceremony",
      look: () =>
        judged("npx hardhat ceremony new --help", async () => {
          const { contributions } = await readCeremony(settings.ceremony);
          return `the records in ${settings.ceremony} read well, contributions so far: ${contributions.length}`;
        }),
    },
    {
      name: "uploads",
      look: () =>
        judged("choose another folder for `state`, or let this user write there", async () => {
          requireWritable(settings.state);
          return `${settings.state} can be written`;
        }),
    },
  ];
}
