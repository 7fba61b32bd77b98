import { AleoQuorum } from "../../ops/watcher/aleo-quorum.ts";
import type { AleoBlocks } from "../../ops/watcher/aleo-watch.ts";
import { Endpoints } from "../../ops/watcher/endpoints.ts";
import { majorityOf } from "../support/rpc.ts";
import type { WatcherSettings } from "./settings.ts";
import type { WatcherParts } from "./watching.ts";

/** Looks in a row at which a node may lag or be silent. */
const PATIENCE = 5;

/** Where Aleo's blocks come from, and how each node does where there are several. */
export interface WatchedAleo {
  readonly ledger: AleoBlocks;
  readonly programs: readonly string[];
  readonly endpoints?: Endpoints;
}

/** One node is believed; of several, what a quorum says. */
export function openAleo(
  { nodes, programs }: NonNullable<WatcherParts["aleo"]>,
  { aleo_quorum: quorum, rpc_lag: lag, lie_memory }: WatcherSettings,
  now: () => number,
): WatchedAleo {
  if (nodes.length === 1) return { ledger: nodes[0], programs };
  const limits = { lag, patience: PATIENCE, memory: lie_memory * 1000 };
  const endpoints = new Endpoints(nodes.length, limits, now, "aleo");
  const ledger = new AleoQuorum({ nodes, quorum: quorum ?? majorityOf(nodes.length), programs, endpoints });
  return { ledger, programs, endpoints };
}
