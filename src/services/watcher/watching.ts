import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Deployment } from "../../chain/deployment.ts";
import { readDeploymentFile } from "../../chain/deployment.ts";
import { takeProcessLock } from "../../chain/process-lock.ts";
import { isOfNodes, Loop } from "../../chain/relay/loop.ts";
import type { RpcPool } from "../../chain/relay/pool.ts";
import { RefusedError } from "../../core/errors.ts";
import {
  type Alerts,
  type AlertsOptions,
  type Probe,
  type Silence,
  silencedUntil,
} from "../../ops/alerts/index.ts";
import { RULES } from "../../ops/monitors/index.ts";
import { type AleoBlocks, type AleoState, AleoWatch, aleoState } from "../../ops/watcher/aleo-watch.ts";
import type { ChainState } from "../../ops/watcher/chain-follower.ts";
import type { ChainWatch } from "../../ops/watcher/chain-watch.ts";
import { CheckpointFile } from "../../ops/watcher/checkpoint.ts";
import type { Endpoints } from "../../ops/watcher/endpoints.ts";
import { type LogReader, type LogState, LogWatch, logState } from "../../ops/watcher/log-watch.ts";
import { Pulse } from "../../ops/watcher/pulse.ts";
import { StateWatch } from "../../ops/watcher/state-watch.ts";
import type { Logger } from "../support/log.ts";
import type { Metrics } from "../support/metrics.ts";
import { openAleo, type WatchedAleo } from "./aleo.ts";
import { openChain, openChainWatch, type WatchedChain } from "./chain.ts";
import { openHeartbeat } from "./heartbeat.ts";
import { addWatcherMetrics, type WatcherCounters, type WatcherView } from "./metrics.ts";
import type { WatcherSettings } from "./settings.ts";
import { blockedWayOut } from "./way-out.ts";

/** What other sections of the configuration give the watcher. */
export interface WatcherParts {
  /** Opens the alerts; the watcher closes them. */
  openAlerts(onTry: NonNullable<AlertsOptions["onTry"]>): Alerts | Promise<Alerts>;
  /** The states to look at. Those that the watcher knows by itself win over probes of the same name. */
  probes(chain: { readonly pool: RpcPool; readonly deployment: Deployment }): readonly Probe[];
  /** Readers of the logs of `[watcher]`, in their order. */
  readonly logs: readonly LogReader[];
  /** Aleo's nodes, one or those of `aleo_urls`, and the programs that are followed on them. */
  readonly aleo?:
    | { readonly nodes: readonly [AleoBlocks, ...AleoBlocks[]]; readonly programs: readonly string[] }
    | undefined;
  readonly now?: () => number;
}

export interface RunningWatch {
  readonly alerts: Alerts;
  readonly deployment: Deployment;
  chainState(): ChainState | undefined;
  view(): WatcherView;
  /** Why something is not watched, or nobody can be told; one sentence each. */
  obstacles(): string[];
  close(): Promise<void>;
}

/** Between two looks at what ends by time, ms. */
const EXPIRE = 1_000;
/** Between two reminders to sinks that forget, ms. */
const KEEP_ALIVE = 60_000;
/** For which a log is stayed with between two looks at its head, ms. */
const LONGEST_STAY = 30_000;
/** Between two looks of the watcher at itself, s. */
const SELF = 1;

/**
 * Watches until it is closed.
 *
 * @throws RefusedError while another watcher works in the folder; CheckError for a damaged checkpoint; InputError when too few
 *   nodes for a quorum serve the deployment's chain.
 */
export async function startWatching(
  settings: WatcherSettings,
  parts: WatcherParts,
  log: Logger,
  metrics: Metrics,
): Promise<RunningWatch> {
  const undo: (() => void | Promise<void>)[] = [];
  try {
    return await open(settings, parts, log, metrics, undo);
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  }
}

async function open(
  settings: WatcherSettings,
  parts: WatcherParts,
  log: Logger,
  metrics: Metrics,
  undo: (() => void | Promise<void>)[],
): Promise<RunningWatch> {
  const { now = Date.now } = parts;
  undo.push(lock(settings.folder));
  let view: (() => WatcherView) | undefined;
  const counters = addWatcherMetrics(metrics, () => view?.());
  const deployment = readDeploymentFile(settings.deployment);
  const chain = await openChain(settings, deployment, counters, now);
  await chain.pool.identify();
  const alerts = await parts.openAlerts(tryCounter(counters));
  undo.push(() => alerts.close());
  const raising = counted(alerts, counters);
  const pulse = new Pulse({ stallAfter: settings.stall_after, blockAge: settings.block_age }, now);
  const wakeable: Loop[] = [];
  const { watch, checkpoint } = openChainWatch(chain, {
    settings,
    deployment,
    alerts: raising,
    counters,
    pulse,
    log,
    now,
    happened: () => wakeAll(wakeable),
  });
  const checkpoints = new Map<string, Pick<CheckpointFile<unknown>, "written">>([["chain", checkpoint]]);
  const state = new StateWatch({ rules: RULES, alerts: raising, now });
  const aleo = parts.aleo === undefined ? undefined : openAleo(parts.aleo, settings, now);
  const probes = allProbes([chain, aleo], pulse, parts.probes({ pool: chain.pool, deployment }));
  view = viewOf({ watch, pulse, checkpoints, chain, state, alerts, now });
  const source = sourceLoops({ pulse, counters, log, poll: settings.poll * 1000 });
  const obstacles = () => [
    ...pulse.obstacles(),
    ...blockedWayOut(alerts.figures(), settings.stall_after, now()),
  ];
  const use = { source, raising, checkpoints, counters, log, now };
  const loops = [
    source("chain", (stop) => watch.round(stop)),
    ...logLoops(settings, parts.logs, use),
    ...(aleo === undefined ? [] : [aleoLoop(settings, aleo, use)]),
    ...probes.map((probe) => probeLoop(probe, state, log, wakeable)),
    ...(await housekeeping({ settings, state, alerts, obstacles, log })),
  ];
  for (const loop of loops) loop.start();
  return {
    alerts,
    deployment,
    chainState: () => watch.state,
    view,
    obstacles,
    close: async () => {
      await stopAll(loops, settings.http.stop_timeout * 1000);
      for (const step of undo.reverse()) await step();
    },
  };
}

function wakeAll(loops: readonly Loop[]): void {
  for (const loop of loops) loop.wake();
}

/** What is cut off is told again by the next start. */
async function stopAll(loops: readonly Loop[], timeout: number): Promise<void> {
  const stopped = Promise.all(loops.map((loop) => loop.stop()));
  await Promise.race([stopped, sleep(timeout, undefined, { ref: false })]);
}

function lock(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unlock = takeProcessLock(join(folder, "lock"));
  if (unlock === undefined)
    throw new RefusedError(`another watcher works in ${folder}`, {
      next: "stop it, or give this one a folder of its own and alerts of its own",
    });
  return unlock;
}

function tryCounter(counters: WatcherCounters): NonNullable<AlertsOptions["onTry"]> {
  return ({ sink, outcome, age }) => {
    counters.deliveries.inc({ sink, outcome });
    if (outcome === "delivered") counters.deliverySeconds.observe({ sink }, age / 1000);
  };
}

/** What the watches use of the alerts, with what is raised counted. */
type Raising = Pick<Alerts, "raise" | "active" | "records">;
function counted(alerts: Alerts, counters: WatcherCounters): Raising {
  return {
    raise: async (raised) => {
      await alerts.raise(raised);
      for (const { phase } of raised) counters.raised.inc({ phase });
    },
    active: () => alerts.active(),
    records: () => alerts.records(),
  };
}

interface ViewParts {
  readonly watch: ChainWatch;
  readonly pulse: Pulse;
  readonly checkpoints: ReadonlyMap<string, Pick<CheckpointFile<unknown>, "written">>;
  readonly chain: WatchedChain;
  readonly state: StateWatch;
  readonly alerts: Alerts;
  readonly now: () => number;
}

function viewOf({ watch, pulse, checkpoints, chain, state, alerts, now }: ViewParts): () => WatcherView {
  return () => ({
    block: watch.state?.window.at(-1)?.number ?? watch.state?.final.number,
    finalBlock: watch.state?.final.number,
    sources: pulse.sources(),
    checkpoints: new Map([...checkpoints].map(([source, file]) => [source, file.written])),
    lags: chain.endpoints.lags(),
    lies: chain.endpoints.lies(),
    probes: state.results,
    alerts: alerts.figures(),
    silenced: silencedStates(alerts.silences(), now()),
  });
}

/** For Prometheus, which tells of states as well. */
function silencedStates(silences: readonly Silence[], now: number): Map<string, boolean> {
  const states = RULES.filter(({ source }) => source.kind === "state");
  return new Map(
    states.map(({ id, severity }) => [
      id,
      silencedUntil({ rule: id, severity }, silences, now) !== undefined,
    ]),
  );
}

interface SourceParts {
  readonly pulse: Pulse;
  readonly counters: WatcherCounters;
  readonly log: Logger;
  readonly poll: number;
}

/** Makes loops whose rounds are the watcher's pulse. */
function sourceLoops({ pulse, counters, log, poll }: SourceParts) {
  return (source: string, round: (stop: AbortSignal) => Promise<void>): Loop => {
    pulse.expect(source);
    counters.faults.inc({ source }, 0);
    return new Loop({
      poll,
      round: async (stop) => {
        await round(stop);
        pulse.beat(source);
      },
      troubled: (error) => {
        pulse.trouble(source, error);
        counters.faults.inc({ source });
        if (isOfNodes(error)) log.debug({ source }, error.message);
        else log.error({ err: error, source }, "a source could not be followed; it is tried again");
      },
    });
  };
}

/** What the watcher knows by itself, and the given probes of other names. */
function allProbes(
  sources: readonly ({ readonly endpoints?: Endpoints } | undefined)[],
  pulse: Pulse,
  given: readonly Probe[],
): Probe[] {
  const look = async () => sources.flatMap((source) => source?.endpoints?.findings() ?? []);
  const own = [{ name: "rpc-disagree", every: SELF, look }, pulse.probe(SELF)];
  return [...own, ...given.filter(({ name }) => !own.some((mine) => mine.name === name))];
}

interface HouseParts {
  readonly settings: WatcherSettings;
  readonly state: StateWatch;
  readonly alerts: Alerts;
  readonly obstacles: () => readonly string[];
  readonly log: Logger;
}

/** Ends what ends by time, reminds sinks of what lasts, gives signs of life. */
async function housekeeping({ settings, state, alerts, obstacles, log }: HouseParts): Promise<Loop[]> {
  const loop = (poll: number, what: string, round: () => Promise<void>): Loop =>
    new Loop({ poll, round, troubled: (error) => log.error({ err: error }, `${what} failed`) });
  return [
    loop(EXPIRE, "ending what ends by time", () => state.expire()),
    loop(KEEP_ALIVE, "reminding sinks", () => alerts.keepAlive()),
    ...(await heartbeat(settings, obstacles, log)),
  ];
}

/** Signs of life for somebody outside, where it is configured: none while a source is not followed, or nobody can be told. */
async function heartbeat(
  settings: WatcherSettings,
  obstacles: HouseParts["obstacles"],
  log: Logger,
): Promise<Loop[]> {
  if (settings.heartbeat_url_file === undefined) return [];
  const beat = await openHeartbeat(settings.heartbeat_url_file);
  const round = async (): Promise<void> => {
    if (obstacles().length === 0) await beat();
  };
  const troubled = (error: unknown): void => log.warn({ err: error }, "a heartbeat failed");
  return [new Loop({ poll: settings.heartbeat_every * 1000, round, troubled })];
}

/** Probes that say when an event's state is over: they look as soon as something happens on the chain. */
const ENDING = new Set(
  RULES.flatMap(({ resolves }) => (resolves.by === "state" ? (resolves.probe ?? []) : [])),
);

function probeLoop(probe: Probe, state: StateWatch, log: Logger, wakeable: Loop[]): Loop {
  const loop = new Loop({
    poll: probe.every * 1000,
    round: () => state.look(probe),
    troubled: (error) => log.warn({ err: error, probe: probe.name }, "a state could not be found out"),
  });
  if (ENDING.has(probe.name)) wakeable.push(loop);
  return loop;
}

/** Aleo's loop, with its checkpoint among the others. */
function aleoLoop(
  settings: WatcherSettings,
  { ledger, programs }: WatchedAleo,
  { source, raising, checkpoints, now }: SourceUse,
): Loop {
  const path = join(settings.folder, "aleo.checkpoint");
  const checkpoint = CheckpointFile.open<AleoState>(path, "Aleo", aleoState);
  checkpoints.set("aleo", checkpoint);
  const watch = new AleoWatch({ ledger, programs, rules: RULES, alerts: raising, checkpoint, now });
  return source("aleo", (stop) => watch.round(stop));
}

interface SourceUse {
  readonly source: ReturnType<typeof sourceLoops>;
  readonly raising: Raising;
  readonly checkpoints: Map<string, Pick<CheckpointFile<unknown>, "written">>;
  readonly counters: WatcherCounters;
  readonly log: Logger;
  readonly now: () => number;
}

/** A loop for each log, with its checkpoint among the others. */
function logLoops(
  settings: WatcherSettings,
  readers: readonly LogReader[],
  { source, raising, checkpoints, counters, log, now }: SourceUse,
): Loop[] {
  return readers.map((reader, index) => {
    const { tenant, store } = reader;
    const name = `log ${tenant}/${store}`;
    const path = join(settings.folder, `log-${store}.checkpoint`);
    const subject = `log of tenant ${tenant}, store ${store}`;
    const checkpoint = CheckpointFile.open<LogState>(path, subject, logState);
    checkpoints.set(name, checkpoint);
    const from = settings.logs[index]?.from_sequence;
    const fromSequence = from === undefined ? undefined : BigInt(from);
    const watch = new LogWatch({
      reader,
      rules: RULES,
      alerts: raising,
      checkpoint,
      fromSequence,
      folder: settings.folder,
      stay: Math.min(LONGEST_STAY, (settings.stall_after * 1000) / 4),
      delivered: (events, way) => counters.logEvents.inc({ store, way }, events),
      broke: (error) => log.warn({ err: error, source: name }, "the log is read in rounds: its stream broke"),
      now,
    });
    const loop = source(name, async (stop) => {
      if (await watch.round(stop)) loop.wake();
    });
    return loop;
  });
}
