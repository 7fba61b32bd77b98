import { checkConfig } from "../config-file.ts";
import { alertsProbes } from "./alerts.ts";
import { coordinatorProbes } from "./coordinator.ts";
import { lack, ok, type Probe } from "./probe.ts";
import { proverProbes } from "./prover.ts";
import { relayerProbes } from "./relayer.ts";
import { watcherProbes } from "./watcher.ts";
import { witnessProbes } from "./witness.ts";

/** Looks at what a configuration file names: first the file itself, then what its services need. */
export function configuredProbes(path: string): Probe[] {
  const well = (section: string): boolean =>
    checkConfig(path).some((finding) => finding.section === section && finding.status === "ok");
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
    ...(well("relayer") ? relayerProbes(path) : []),
    ...(well("coordinator") ? coordinatorProbes(path) : []),
    ...(well("prover") ? proverProbes(path) : []),
    ...(well("watcher") ? watcherProbes(path) : []),
    ...(well("witness") ? witnessProbes(path) : []),
    ...(well("alerts") ? alertsProbes(path) : []),
  ];
}
