import { checkConfig } from "../config-file.ts";
import { lack, ok, type Probe } from "./probe.ts";

/** Looks at what a configuration file names: first the file itself. */
export function configuredProbes(path: string): Probe[] {
  return [
    {
      name: "config",
      look: async () => {
        const faults = checkConfig(path).filter(({ status }) => status === "fault");
        return faults.length === 0
          ? ok(`${path} reads well`)
          : lack(faults.map(({ fault }) => fault).join("; "), `npx proofx config check ${path}`);
      },
    },
  ];
}
