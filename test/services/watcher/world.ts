import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { id, toQuantity } from "ethers";
import { contractOf, readDeploymentFile } from "../../../src/chain/deployment.ts";
import { type Alert, openAlerts, type Probe, RetryLater, type Sink } from "../../../src/ops/alerts/index.ts";
import { viewChain } from "../../../src/ops/probes/index.ts";
import { pausedProbe } from "../../../src/ops/probes/paused.ts";
import { createLog } from "../../../src/services/support/log.ts";
import { startWatcher } from "../../../src/services/watcher/service.ts";
import { type WatcherSettings, watcherSection } from "../../../src/services/watcher/settings.ts";
import { LyingNode } from "../relayer/lying-node.ts";
import type { World } from "../relayer/world.ts";

/** A sink that keeps what it is told. */
export class KeptSink implements Sink {
  readonly name = "kept";
  readonly told: Alert[] = [];
  /** Set to take nothing. */
  down = false;

  async deliver(alert: Alert): Promise<void> {
    if (this.down) throw new RetryLater("it is down");
    this.told.push(alert);
  }

  /** Phases of a rule's alerts, in the order they were told. */
  phases(rule: string, part = ""): string[] {
    return this.told
      .filter((each) => each.rule === rule && each.key.includes(part))
      .map(({ phase }) => phase);
  }
}

export type RunningWatcher = Awaited<ReturnType<typeof startWatcher>>;

export interface WatcherOptions {
  readonly folder: string;
  readonly nodes: readonly LyingNode[];
  readonly sink?: KeptSink;
  readonly settings?: Partial<WatcherSettings>;
  readonly probes?: readonly Probe[];
}

/** The watcher with its alerts and the chain's probes, which look more often than an operator's. */
export async function watcherOf(world: World, options: WatcherOptions): Promise<RunningWatcher> {
  const { folder, nodes, sink = new KeptSink(), probes = [] } = options;
  const parsed = watcherSection.parse({
    http: { port: 0, stop_timeout: 2 },
    deployment: await completeDeployment(world),
    rpc_urls: nodes.map(({ url }) => url),
    rpc_timeout: 1,
    folder: join(folder, "watcher"),
    confirmations: 2,
    rpc_lag: 2,
  });
  const level = process.env.WATCHER_LOG === undefined ? "silent" : "debug";
  const settings = { ...parsed, poll: 0.05, ...options.settings };
  return startWatcher(settings, createLog("watcher", level), {
    openAlerts: (onTry) => openAlerts({ folder: join(folder, "alerts"), sinks: [sink], onTry }),
    probes: (chain) => [{ ...pausedProbe(viewChain(chain)), every: 0.1 }, ...probes],
    logs: [],
  });
}

/** Adds to the deployment file what the relayer's world leaves out; its path. */
export async function completeDeployment(world: World): Promise<string> {
  const path = join(world.folder, "whole-deployment.json");
  const { verifier, actors, library } = world.system;
  const { circuitVerifier } = await verifier.circuitVersion(1);
  const deployment = readDeploymentFile(join(world.folder, "deployment.json"));
  const like = contractOf(deployment, "registry");
  const contracts = {
    ...deployment.contracts,
    policyHasher: { ...like, artifact: "poseidon-solidity/PoseidonT4.sol:PoseidonT4", address: library },
    timelock: { ...like, artifact: "TimelockController", address: actors.timelock.address },
    circuitVerifier: { ...like, artifact: "Groth16Verifier", address: circuitVerifier },
    verifierImplementation: { ...like, artifact: "ProofXVerifier", address: library },
  };
  writeFileSync(path, JSON.stringify({ ...deployment, contracts }));
  return path;
}

/** Waits until it is so. */
export async function until(wanted: () => boolean | Promise<boolean>, what: () => unknown): Promise<void> {
  for (let i = 0; !(await wanted()); i++) {
    if (i > 1_600) throw new Error(`never came: ${JSON.stringify(what())}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Grants SIGNER_ROLE to the account of a number; the hash. */
export async function grant(world: World, n: number): Promise<string> {
  const { verifier, actors } = world.system;
  const account = `0x${n.toString(16).padStart(40, "0")}`;
  return (await verifier.connect(actors.admin).grantRole(id("SIGNER_ROLE"), account)).hash;
}

/** Grants it to `count` accounts, so many in a block; the hashes. */
export async function grantMany(world: World, count: number, inBlock: number): Promise<string[]> {
  const { verifier, actors } = world.system;
  const fees = { gas: "0x30d40", maxFeePerGas: "0x174876e800", maxPriorityFeePerGas: "0x3b9aca00" };
  const call = { from: actors.admin.address, to: await verifier.getAddress(), ...fees };
  let nonce = Number(await world.node("eth_getTransactionCount", [call.from, "latest"]));
  const role = id("SIGNER_ROLE");
  const hashes: string[] = [];
  await world.node("evm_setAutomine", [false]);
  for (let n = 1; n <= count; n++) {
    const account = `0x77${n.toString(16).padStart(38, "0")}`;
    const data = verifier.interface.encodeFunctionData("grantRole", [role, account]);
    hashes.push(
      (await world.node("eth_sendTransaction", [{ ...call, data, nonce: toQuantity(nonce++) }])) as string,
    );
    if (n % inBlock === 0) await world.node("evm_mine", []);
  }
  await world.node("evm_setAutomine", [true]);
  return hashes;
}

export function nodesOf(world: World, count: number): Promise<LyingNode[]> {
  return Promise.all(Array.from({ length: count }, () => LyingNode.start(world.node)));
}
