import type { Deployment } from "../../chain/deployment.ts";
import type { RpcPool } from "../../chain/relay/pool.ts";
import type { Probe } from "../alerts/finding.ts";
import type { KeyParts } from "../rotation/due.ts";
import { type AleoParts, aleoProbes } from "./aleo.ts";
import { anchorLateProbe, headsApartProbe } from "./anchored.ts";
import { backupsMissingProbe, newestFile, type WatchedBackups } from "./backups-missing.ts";
import { balanceLowProbe } from "./balance-low.ts";
import { certificateExpiryProbe } from "./certificate-expiry.ts";
import { viewChain } from "./chain.ts";
import { clockSkewProbe } from "./clock-skew.ts";
import { deadLettersProbe } from "./dead-letters.ts";
import { diskProbe } from "./disk.ts";
import { keysDueProbe } from "./keys-due.ts";
import { LogView, type WatchedLog } from "./log-view.ts";
import { pausedProbe, pauseEndingProbe } from "./paused.ts";
import { rpcDisagreeProbe } from "./rpc-disagree.ts";
import { serviceDownProbe } from "./service-down.ts";
import type { HealthSettings } from "./settings.ts";
import { subgraphLagProbe } from "./subgraph-lag.ts";
import { timelockReadyProbe } from "./timelock-ready.ts";
import { witnessSilentProbe } from "./witness-silent.ts";

export { ALEO_PROGRAMS, type AleoParts } from "./aleo.ts";
export type { WatchedBackups } from "./backups-missing.ts";
export { type ChainView, viewChain } from "./chain.ts";
export { ageText } from "./finding.ts";
export type { WatchedLog } from "./log-view.ts";
export { PROBES, type ProbeName } from "./names.ts";
export { type HealthSettings, healthSection, SERVICES } from "./settings.ts";
export { readMeta } from "./subgraph-lag.ts";

/** What other sections of a configuration name, opened by whoever composes; what is left out is not looked at. */
export interface ProbeParts {
  readonly chain?: { readonly pool: RpcPool; readonly deployment: Deployment } | undefined;
  /** Streams of the log; they are looked at together with the chain. */
  readonly logs?: readonly WatchedLog[] | undefined;
  readonly keys?: KeyParts | undefined;
  readonly aleo?: AleoParts | undefined;
  /** The organisation's backups. */
  readonly backups?: readonly WatchedBackups[] | undefined;
  /** `dead-letters` of the alerts' folder. */
  readonly deadLetters?: string | undefined;
  /** Milliseconds since 1970; the system's clock by default. */
  readonly now?: () => number;
}

/** Every probe that the settings and the parts make possible, each one once. None looks at anything yet. */
export function buildProbes(settings: HealthSettings, parts: ProbeParts): Probe[] {
  const now = parts.now ?? Date.now;
  const services = Object.entries(settings.services).map(([name, url]) => ({ name, url }));
  const clocks = { time_servers: settings.time_servers, services };
  const backups = [...(parts.backups ?? []), ...settings.backups.map(folderOf)];
  return [
    ...chainProbes(settings, parts, now),
    ...(parts.keys === undefined ? [] : [keysDueProbe(parts.keys, viewsOf(parts), now)]),
    ...(parts.aleo === undefined ? [] : aleoProbes(parts.aleo)),
    ...(parts.deadLetters === undefined ? [] : [deadLettersProbe(parts.deadLetters)]),
    ...(services.length === 0 ? [] : [serviceDownProbe(services, settings.service_patience)]),
    ...(services.length + settings.time_servers.length === 0
      ? []
      : [clockSkewProbe(clocks, settings.clock_skew, now)]),
    ...(backups.length === 0 ? [] : [backupsMissingProbe(backups, now)]),
    ...(settings.certificates.length === 0
      ? []
      : [certificateExpiryProbe(settings.certificates, settings.certificate_days, now)]),
    diskProbe(settings.disks, settings.disk_free),
  ];
}

function chainProbes(settings: HealthSettings, parts: ProbeParts, now: () => number): Probe[] {
  const logs = viewsOf(parts);
  const witnesses =
    settings.witnesses.length === 0 || logs.length === 0
      ? []
      : [witnessSilentProbe(settings.witnesses, logs, settings.witness_silent, now)];
  if (parts.chain === undefined) return witnesses;
  const chain = viewChain(parts.chain);
  return [
    pausedProbe(chain),
    pauseEndingProbe(chain, settings.pause_ending),
    timelockReadyProbe(chain),
    rpcDisagreeProbe(chain.pool, settings.rpc_lag),
    ...(settings.accounts.length === 0 ? [] : [balanceLowProbe(chain, settings.accounts)]),
    ...(settings.subgraph === undefined
      ? []
      : [subgraphLagProbe(chain, settings.subgraph, settings.subgraph_lag)]),
    ...(logs.length === 0
      ? []
      : [anchorLateProbe(chain, logs, settings.anchor_late, now), headsApartProbe(chain, logs)]),
    ...witnesses,
  ];
}

const viewsOf = ({ logs = [] }: ProbeParts): LogView[] => logs.map((log) => new LogView(log));

function folderOf({ name, folder, max_age }: HealthSettings["backups"][number]): WatchedBackups {
  return { name, max_age, newest: () => newestFile(folder) };
}
