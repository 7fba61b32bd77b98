import type { ProbeName } from "../probes/index.ts";

/** A part of the house as `health` shows it: which probes tell of it, and what a configuration says to have it looked at. */
export interface Part {
  readonly name: string;
  readonly probes: readonly ProbeName[];
  /** The service whose readiness is shown here, of `[health.services]`. */
  readonly service?: string;
  /** What to configure, where nothing is. */
  readonly configure: string;
}

/** In the order of the screen. */
export const PARTS: readonly Part[] = [
  { name: "chain", probes: ["rpc-disagree"], configure: "[watcher] deployment and rpc_urls" },
  { name: "contracts", probes: [], configure: "[watcher] deployment and rpc_urls" },
  { name: "paused", probes: ["paused", "guardian-pause-ending"], configure: "[watcher] deployment" },
  { name: "timelock", probes: ["timelock-ready"], configure: "[watcher] deployment" },
  { name: "log", probes: ["heads-apart"], service: "sequencer", configure: "[health.services] sequencer" },
  { name: "database", probes: [], configure: "[store] database_url_file or folder" },
  { name: "anchor", probes: ["anchor-late"], service: "anchor", configure: "[health.services] anchor" },
  { name: "prover", probes: [], service: "prover", configure: "[health.services] prover" },
  { name: "relayer", probes: [], service: "relayer", configure: "[health.services] relayer" },
  { name: "witness", probes: ["witness-silent"], service: "witness", configure: "[health.services] witness" },
  { name: "coordinator", probes: [], service: "coordinator", configure: "[health.services] coordinator" },
  {
    name: "watcher",
    probes: ["detection-stalled", "dead-letters"],
    service: "watcher",
    configure: "[health.services] watcher",
  },
  { name: "accounts", probes: ["balance-low"], configure: "[[health.accounts]]" },
  {
    name: "aleo",
    probes: [
      "aleo-stalled",
      "aleo-paused",
      "aleo-failure-rate",
      "aleo-response-time",
      "aleo-confirmation-time",
      "aleo-activity",
    ],
    configure: "[aleo] url",
  },
  { name: "subgraph", probes: ["subgraph-lag"], configure: "[health] subgraph" },
  { name: "keys", probes: ["keys-due"], configure: "[keys.schedule]" },
  { name: "backups", probes: ["backups-missing"], configure: "[backup], or [[health.backups]]" },
  { name: "disk", probes: ["disk"], configure: "[health] disks" },
  {
    name: "clock",
    probes: ["clock-skew"],
    configure: "[health] time_servers, or services to compare with",
  },
  { name: "certificates", probes: ["certificate-expiry"], configure: "[[health.certificates]]" },
];
