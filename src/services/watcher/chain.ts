import { join } from "node:path";
import type { Deployment } from "../../chain/deployment.ts";
import type { RpcPool } from "../../chain/relay/pool.ts";
import type { Alerts } from "../../ops/alerts/index.ts";
import { RULES } from "../../ops/monitors/index.ts";
import { ChainFollower, type ChainState } from "../../ops/watcher/chain-follower.ts";
import { ChainWatch, chainState } from "../../ops/watcher/chain-watch.ts";
import { CheckpointFile } from "../../ops/watcher/checkpoint.ts";
import { Endpoints } from "../../ops/watcher/endpoints.ts";
import { Judge } from "../../ops/watcher/judge.ts";
import type { Pulse } from "../../ops/watcher/pulse.ts";
import type { Logger } from "../support/log.ts";
import { openPool } from "../support/rpc.ts";
import type { WatcherCounters } from "./metrics.ts";
import type { WatcherSettings } from "./settings.ts";

/** Looks in a row at which an endpoint may lag, differ about the newest block or be silent. */
const PATIENCE = 5;

/** The nodes of the watched chain, and how each of them does. */
export interface WatchedChain {
  readonly pool: RpcPool;
  readonly endpoints: Endpoints;
}

/** Opens the nodes; none is asked yet. @throws InputError as `openPool`. */
export async function openChain(
  settings: WatcherSettings,
  deployment: Deployment,
  counters: WatcherCounters,
  now: () => number,
): Promise<WatchedChain> {
  let endpoints: Endpoints | undefined;
  const pool = await openPool("watcher", settings, deployment, {
    fault: (endpoint, kind) => counters.rpcErrors.inc({ endpoint: String(endpoint ?? "all"), kind }),
    outvoted: (...vote) => endpoints?.outvoted(...vote),
  });
  const limits = { lag: settings.rpc_lag, patience: PATIENCE, memory: settings.lie_memory * 1000 };
  endpoints = new Endpoints(pool.size, limits, now);
  return { pool, endpoints };
}

/** What a chain's watch reports to. */
export interface ChainWatchUse {
  readonly settings: WatcherSettings;
  readonly deployment: Deployment;
  readonly alerts: Pick<Alerts, "raise" | "active">;
  readonly counters: WatcherCounters;
  readonly pulse: Pulse;
  readonly log: Logger;
  readonly now: () => number;
  /** Told of each step that had events of the contracts in it, or still waits for their blocks to become final. */
  readonly happened: () => void;
}

/** The watch of a deployment's contracts, with its checkpoint. @throws CheckError for a damaged checkpoint. */
export function openChainWatch({ pool, endpoints }: WatchedChain, use: ChainWatchUse) {
  const { settings, deployment, alerts, counters, pulse, log, now, happened } = use;
  const { chainId, genesisHash } = deployment;
  const judge = new Judge(RULES, deployment);
  const depth = judge.depth(settings.confirmations);
  const follower = new ChainFollower({
    pool,
    addresses: judge.addresses,
    depth,
    range: settings.range,
    looked: (heads, tip) => {
      endpoints.looked(heads, tip.number, depth, pool.faults);
      // To know where the chain ends is not to have read what is in it: nodes may go on refusing that.
      pulse.saw("chain", tip.timestamp * 1000);
    },
  });
  const checkpoint = CheckpointFile.open<ChainState>(
    join(settings.folder, "chain.checkpoint"),
    `chain ${chainId} from ${genesisHash}`,
    chainState,
  );
  const watch = new ChainWatch({
    chainId,
    follower,
    judge,
    alerts,
    checkpoint,
    confirmations: settings.confirmations,
    fromBlock: settings.from_block,
    now,
    events: {
      advanced: (tip, state, blocks) => {
        counters.blocks.inc(blocks);
        pulse.beat("chain", tip.timestamp * 1000);
        if (blocks > 0) happened();
        log.debug({ tip: tip.number, final: state.final.number, blocks }, "followed");
      },
      saw: ({ contract, event }) => counters.chainEvents.inc({ contract, event }),
      reorganised: (from, final) => {
        counters.reorganisations.inc({ final: String(final) });
        log[final ? "error" : "warn"]({ from }, final ? "the chain undid what was final" : "reorganisation");
      },
    },
  });
  return { watch, checkpoint };
}
