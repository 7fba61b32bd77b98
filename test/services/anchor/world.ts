import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "../../../src/core/bytes.ts";
import { closeDue, computeInThread } from "../../../src/sequencer/batches/index.ts";
import { type RunningAnchoring, startAnchoring } from "../../../src/services/anchor/anchoring.ts";
import { type AnchorSettings, anchorSection } from "../../../src/services/anchor/settings.ts";
import { createLog } from "../../../src/services/support/log.ts";
import { emptyStore, type Kind, type TestStore } from "../../sequencer/support.ts";
import { keyOf, uuid, WrittenLog } from "../../sequencer/written-log.ts";
import { LyingNode } from "../relayer/lying-node.ts";
import { makeWorld, type World } from "../relayer/world.ts";

/** A chain with the registry, a database, and one anchorer's key. */
export interface AnchorWorld extends World {
  readonly db: TestStore;
  readonly anchorer: string;
  readonly deploymentFile: string;
  /** A stream of its own, open on the chain, with `batches` closed batches of two events. */
  stream(batches: number, options?: { anchorer?: string; unopened?: boolean }): Promise<WrittenLog>;
  /** More events, and the batches they fill. */
  grow(log: WrittenLog, batches: number): Promise<void>;
  /** Anchoring of its own, with its own nodes. */
  start(options?: Options): Promise<TestAnchoring>;
  settings(nodes: readonly LyingNode[], changes?: Partial<AnchorSettings>): AnchorSettings;
  /** The stream's head on chain. */
  head(log: WrittenLog): Promise<{ batchIndex: bigint; end: bigint; stateRoot: string }>;
  /** `BatchAnchored` events of the stream. */
  anchoredEvents(log: WrittenLog): Promise<number>;
  /** Transactions the anchorer's account has on the chain, failed ones too. */
  transactions(): Promise<number>;
}

export interface Options {
  readonly nodes?: readonly LyingNode[];
  readonly settings?: Partial<AnchorSettings>;
}

export interface TestAnchoring {
  readonly running: RunningAnchoring;
  readonly nodes: readonly LyingNode[];
  /** Waits until the stream's newest `count` batches are as wanted. */
  until(log: WrittenLog, wanted: (statuses: readonly string[]) => boolean): Promise<string[]>;
  /** Waits until the stream waits for this cause; the detail. */
  waiting(log: WrittenLog, cause: string): Promise<string>;
  stop(): Promise<void>;
}

export const ALL_ANCHORED = (statuses: readonly string[]): boolean =>
  statuses.length > 0 && statuses.every((status) => status === "anchored");

export async function makeAnchorWorld(kind: Kind): Promise<AnchorWorld> {
  const world = await makeWorld();
  const db = await emptyStore(kind);
  const anchorer = await world.newKey("anchorer", { ether: "10" });
  const deploymentFile = join(world.folder, "deployment.json");
  const { registry, actors } = world.system;
  let streams = 0;
  const anchorWorld: AnchorWorld = {
    ...world,
    db,
    anchorer,
    deploymentFile,
    stream: async (batches, options = {}) => {
      const log = await WrittenLog.open(uuid(0xc000 + streams++));
      await log.register(uuid(1), keyOf(1));
      if (options.unopened !== true)
        await registry.connect(actors.admin).openStream(toHex(log.streamId), options.anchorer ?? anchorer, 0);
      await log.write(db.store);
      if (batches > 0) await closeAll(db);
      await anchorWorld.grow(log, batches - 1);
      return log;
    },
    grow: async (log, batches) => {
      for (let i = 0; i < 2 * batches; i++) await log.append({});
      await log.write(db.store);
      if (batches > 0) await closeAll(db);
    },
    settings: (nodes, changes = {}) => settingsOf(deploymentFile, nodes, changes),
    start: async ({ nodes = [], settings = {} } = {}) => {
      const own = nodes.length > 0 ? nodes : [await LyingNode.start(world.node)];
      const level = process.env.ANCHOR_LOG === undefined ? "silent" : "debug";
      const running = await startAnchoring(
        db.store,
        settingsOf(deploymentFile, own, settings),
        world.keys,
        createLog("anchor", level),
      ).catch(async (error: unknown) => {
        for (const node of own) await node.close();
        throw error;
      });
      return testAnchoring(running, own);
    },
    head: async (log) => registry.head(toHex(log.streamId)),
    anchoredEvents: async (log) =>
      (await registry.queryFilter(registry.filters.BatchAnchored(toHex(log.streamId)))).length,
    transactions: async () => Number(await world.node("eth_getTransactionCount", [anchorer, "latest"])),
    close: async () => {
      await db.close();
      await world.close();
    },
  };
  return anchorWorld;
}

function testAnchoring(running: RunningAnchoring, nodes: readonly LyingNode[]): TestAnchoring {
  const eventually = async <T>(
    look: () => Promise<T | undefined> | T | undefined,
    what: () => unknown,
  ): Promise<T> => {
    for (let i = 0; ; i++) {
      const found = await look();
      if (found !== undefined) return found;
      if (i > 600) throw new Error(`still not as wanted: ${JSON.stringify(what())} ${running.obstacles()}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  let last: string[] = [];
  return {
    running,
    nodes,
    until: (log, wanted) =>
      eventually(
        async () => {
          const rows = await running.store.list({ streamId: log.streamId, limit: 100 });
          last = rows.sort((a, b) => Number(a.batchIndex - b.batchIndex)).map(({ status }) => status);
          return wanted(last) ? last : undefined;
        },
        () => last,
      ),
    waiting: (log, cause) => {
      const now = () => running.anchoring.view().waiting.get(toHex(log.streamId));
      return eventually(
        () => (now()?.cause === cause ? now()?.detail : undefined),
        () => now(),
      );
    },
    stop: async () => {
      await running.close(5);
      for (const node of nodes) await node.close();
    },
  };
}

async function closeAll(db: TestStore): Promise<void> {
  await closeDue({
    db: db.store.as("anchor"),
    limits: { size: 2, age: Number.MAX_SAFE_INTEGER },
    compute: computeInThread,
    now: Date.now,
    closed: () => undefined,
  });
}

function settingsOf(
  deployment: string,
  nodes: readonly LyingNode[],
  changes: Partial<AnchorSettings>,
): AnchorSettings {
  const parsed = anchorSection.parse({
    http: { port: 0, stop_timeout: 2 },
    deployment,
    rpc_urls: nodes.map(({ url }) => url),
    key: "anchorer",
    batch_size: 2,
    max_fee_per_gas: "100",
    min_balance: "0.1",
    confirmations: 1,
    rpc_timeout: 1,
  });
  // Shorter than an operator may set it, so that tests are quick.
  return { ...parsed, poll: 0.03, ...changes };
}

/** A deployment file that names another chain. */
export function ofAnotherChain(world: AnchorWorld): string {
  const file = join(world.folder, "other-deployment.json");
  const deployment = JSON.parse(readFileSync(world.deploymentFile, "utf8")) as object;
  writeFileSync(file, JSON.stringify({ ...deployment, genesisHash: `0x${"11".repeat(32)}` }));
  return file;
}
