import { openSinks } from "../../ops/sinks/index.ts";
import { readSection } from "../config-file.ts";
import { judged, type Probe, requireWritable } from "./probe.ts";

/** What alerts of a configuration need: a folder, and the files that the sinks' secrets are in. Nobody is sent anything. */
export function alertsProbes(path: string): Probe[] {
  const settings = readSection(path, "alerts");
  return [
    {
      name: "alerts folder",
      look: () =>
        judged("choose another `folder`, or let this user write there", async () => {
          requireWritable(settings.folder);
          return `${settings.folder} can be written`;
        }),
    },
    {
      name: "alerts sinks",
      look: () =>
        judged("see to the file, of mode 0600, that the sink names", async () => {
          const sinks = await openSinks(settings);
          if (sinks.length === 0) return "nobody is told: there is no [[alerts.sink]]";
          return `${sinks.map(({ name }) => name).join(", ")}; npx proofx alerts test sends each a test`;
        }),
    },
  ];
}
