import { type Facts, freshSalt } from "../src/core/facts/index.ts";
import { nativeEd25519, openssl } from "../src/keys/index.ts";
import { commitFloor, copiedRows, copyFloor, hashFloor, verifyFloor } from "./ingest/floors.ts";
import { postAll, postBatches, shipments, submitAll } from "./ingest/load.ts";
import { processorSeconds } from "./ingest/processor-time.ts";
import { measureProofs } from "./ingest/proofs.ts";
import { ingestRows, type Spent, type Turns } from "./ingest/rows.ts";
import { type RunningSequencer, startService } from "./ingest/running-service.ts";
import { type IngestWorld, openWorld } from "./ingest/world.ts";
import type { Measurement } from "./measurement.ts";

/** How much is measured. */
interface Extent {
  /** Rounds of events that go in first, both ways, and that nobody counts: a service runs for weeks, all of it compiled. */
  readonly warmUp: number;
  /** Rounds in which everything takes its turn, after one that nobody counts. */
  readonly rounds: number;
  /** Events of each way in a round. */
  readonly events: number;
  /** Events sent one after another, for their times. */
  readonly singles: number;
  /** Entries of the log that proofs are made of, and how many proofs. */
  readonly entries: number;
  readonly proofs: number;
}

const EXTENT: Extent = {
  warmUp: 8,
  rounds: 10,
  events: 1_200,
  singles: 25,
  entries: 1_000_000,
  proofs: 5_000,
};
/** One stream for each that may be in a transaction at a time; more wait for the disk together. */
const STREAMS = 4;
const IN_FLIGHT = 2_048;
/** Requests with one event each: more connections than any pool of an agent's would have. */
const CONNECTIONS = 128;
const BATCH = { lines: 250, width: 8 } as const;

/**
 * Measures signed events on their way into the log, with every process's time counted, beside the bare verification of the
 * same signatures and PostgreSQL's COPY of the same rows. All take turns, so that other load on the machine falls on all.
 */
export async function measureIngest(extent: Extent = EXTENT): Promise<Measurement> {
  const world = await openWorld(STREAMS);
  try {
    // Of its own, since a service also publishes checkpoints: that is work of its log, and not of the one in this process.
    const served = await openWorld(STREAMS);
    try {
      const turns = await takeTurns(world, served, extent);
      const proofs = await measureProofs(world.store, extent.entries, extent.proofs);
      return ingestRows({ ...turns, proofs, nodes: hashFloor() }, extent);
    } finally {
      await served.close();
    }
  } finally {
    await world.close();
  }
}

async function takeTurns(world: IngestWorld, served: IngestWorld, extent: Extent): Promise<Turns> {
  for (let i = 0; i < extent.warmUp; i += 1)
    await submitAll(world.ingest, shipments(world.agents, extent.events), IN_FLIGHT);
  const copied = await copyFloor(world.postgres, await copiedRows(world.postgres, extent.events));
  const service = await startService(served.settingsFile);
  try {
    for (let i = 0; i < extent.warmUp; i += 1)
      await postBatches(service, shipments(served.agents, extent.events), BATCH);
    const turns: Turns = { spent: new Map(), submitted: [], posted: [], committed: [], memory: [] };
    // The first turn is thrown away, too: what is not the log's own is compiled in it, and caches fill.
    for (let round = 0; round <= extent.rounds; round += 1)
      await takeTurn({ world, served, service, copied, turns: round === 0 ? undefined : turns }, extent);
    return turns;
  } finally {
    await service.close();
  }
}

interface Turn {
  readonly world: IngestWorld;
  /** The service's. */
  readonly served: IngestWorld;
  readonly service: RunningSequencer;
  readonly copied: () => Promise<void>;
  /** Where the figures go; nowhere without it. */
  readonly turns: Turns | undefined;
}

async function takeTurn({ world, served, service, copied, turns }: Turn, extent: Extent): Promise<void> {
  const { agents, ingest } = world;
  const count = async (name: string, servers: readonly number[], work: () => unknown): Promise<void> => {
    const took = await timed(servers, work);
    if (turns !== undefined) add(turns.spent, name, { ...took, events: extent.events });
  };
  const own = [world.postgres.pid()];
  const events = shipments(agents, extent.events);
  await count("verify", [], verifyFloor(openssl, events, agents));
  await count("own-verify", [], verifyFloor(nativeEd25519(), events, agents));
  await count("process", own, () => submitAll(ingest, events, IN_FLIGHT));
  await count("copy", own, copied);
  const facts: Facts = { amounts: [100n, 50n, 0n, 0n], category: 3, salt: freshSalt() };
  const withFacts = shipments(agents, extent.events, facts);
  await count("facts", own, () => submitAll(ingest, withFacts, IN_FLIGHT));
  const others = [service.pid, served.postgres.pid()];
  const lines = shipments(served.agents, extent.events);
  await count("batches", others, () => postBatches(service, lines, BATCH));
  turns?.memory.push(await service.memory());
  const requests = shipments(served.agents, extent.events);
  await count("requests", others, () => postAll(service, requests, CONNECTIONS));
  turns?.memory.push(await service.memory());
  const submitted = await submitAll(ingest, shipments(agents, extent.singles), 1);
  const posted = await postAll(service, shipments(served.agents, extent.singles), 1);
  const committed = await commitFloor(world.postgres, extent.singles);
  turns?.submitted.push(...submitted);
  turns?.posted.push(...posted);
  turns?.committed.push(...committed);
}

/** Seconds by the clock, and of processors: this process's, and those of the servers with all their children. */
async function timed(servers: readonly number[], work: () => unknown) {
  const used = () => {
    const { user, system } = process.cpuUsage();
    return { own: (user + system) / 1e6, server: processorSeconds(servers) };
  };
  const before = used();
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1_000;
  const after = used();
  return { seconds, own: after.own - before.own, server: after.server - before.server };
}

function add(spent: Map<string, Spent>, name: string, more: Spent): void {
  const sum = spent.get(name) ?? { events: 0, seconds: 0, own: 0, server: 0 };
  spent.set(name, {
    events: sum.events + more.events,
    seconds: sum.seconds + more.seconds,
    own: sum.own + more.own,
    server: sum.server + more.server,
  });
}
