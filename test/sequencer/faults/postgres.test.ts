import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { type Accepted, Refusal } from "../../../src/sequencer/ingest/index.ts";
import { needs, skipFor } from "../../support/needs.ts";
import type { SignedEvent, StreamAgent } from "../kill/agents.ts";
import { makeWorld, type World } from "../kill/world.ts";
import { type OpenWorld, openWorld } from "./open-world.ts";
import { traceSyncs } from "./tracing.ts";

const MIB = 2 ** 20;

interface Outcome {
  readonly event: SignedEvent;
  readonly agent: StreamAgent;
  readonly result: Accepted | Refusal;
}

describe("A log on PostgreSQL", function () {
  this.timeout(240_000);

  /** Sends events one after the other until told to stop. */
  async function sendUntil(open: OpenWorld, agent: StreamAgent, stopped: () => boolean): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    while (!stopped()) {
      const event = agent.next();
      const result = await open.ingest
        .submit({ tenant: agent.tenant }, agent.store, event.json)
        .catch((error: unknown) => error as Refusal);
      outcomes.push({ event, agent, result });
      if (result instanceof Error) await sleep(20);
    }
    return outcomes;
  }

  async function expectKept(open: OpenWorld, outcomes: readonly Outcome[]): Promise<void> {
    const stored = await open.stored();
    for (const { event, agent, result } of outcomes) {
      const row = stored.find(({ store, eventId }) => store === agent.store && eventId === event.eventId);
      if (result instanceof Error) {
        expect(result, String(result)).to.be.instanceOf(Refusal);
        expect((result as Refusal).code).to.equal("unavailable");
      } else expect(row?.sequence, event.eventId).to.equal(result.sequence);
    }
    for (const { store } of open.world.agents) {
      const places = stored.filter((row) => row.store === store).map(({ sequence }) => sequence);
      expect(places).to.deep.equal(places.map((_, index) => BigInt(index + 1)));
    }
  }

  describe("whose machine fails", () => {
    let world: World;
    let open: OpenWorld;
    before(async () => {
      world = await makeWorld("postgres", 2);
      open = await openWorld(world);
    });
    after(async () => {
      await open?.close();
      await world?.close();
    });

    it("answers only after its write-ahead log was synced", async function () {
      needs(this, { command: "strace", install: "apt-get install strace" });
      const [agent] = world.agents;
      if (agent === undefined || world.postgres === undefined) throw new Error("the world has no stream");
      await open.ingest.submit({ tenant: agent.tenant }, agent.store, agent.next().json);
      const tracing = await traceSyncs(world.postgres.pid());
      const spans: { sent: number; answered: number }[] = [];
      for (let index = 0; index < 10; index += 1) {
        const event = agent.next();
        const sent = performance.timeOrigin + performance.now();
        await open.ingest.submit({ tenant: agent.tenant }, agent.store, event.json);
        spans.push({ sent, answered: performance.timeOrigin + performance.now() });
        await sleep(20);
      }
      const syncs = (await tracing.calls()).filter(({ file }) => file.includes("/pg_wal/"));
      for (const { sent, answered } of spans)
        expect(
          syncs.some(({ entered, returned }) => entered > sent && returned < answered),
          `a sync between ${sent} and ${answered}, of ${syncs.length}`,
        ).to.equal(true);
    });

    it("keeps what it acknowledged when the database is killed under load, and goes on when it is back", async () => {
      let stop = false;
      const sending = Promise.all(world.agents.map((agent) => sendUntil(open, agent, () => stop)));
      for (let round = 0; round < 3; round += 1) {
        await sleep(300);
        await world.postgres?.kill();
        await sleep(200);
        await world.postgres?.start();
      }
      await sleep(1_500);
      stop = true;
      const outcomes = (await sending).flat();
      expect(outcomes.at(-1)?.result).not.to.be.instanceOf(Error);
      await expectKept(open, outcomes);
    });

    it("keeps what it acknowledged when the last write before a power cut was torn", async () => {
      const { postgres } = world;
      if (postgres === undefined) throw new Error("the world has no PostgreSQL");
      let stop = false;
      const sending = Promise.all(world.agents.map((agent) => sendUntil(open, agent, () => stop)));
      await sleep(500);
      stop = true;
      const outcomes = (await sending).flat();
      const [row] = await postgres.query(
        "SELECT pg_walfile_name(pg_current_wal_flush_lsn()) AS file, (pg_walfile_name_offset(pg_current_wal_flush_lsn())).file_offset AS at",
      );
      await postgres.kill();
      tear(join(postgres.data, "pg_wal", String(row?.file)), Number(row?.at));
      await postgres.start();
      await expectKept(open, outcomes);
      const after = await sendUntil(open, world.agents[0] as StreamAgent, once());
      expect(after[0]?.result).not.to.be.instanceOf(Error);
    });
  });

  it("refuses what has no room on a full disk, loses nothing, and goes on when there is room", async function () {
    if (process.getuid?.() !== 0)
      skipFor(this, { command: "mount", install: "run the tests as root: this one mounts a small disk" });
    const disk = mkdtempSync(join(tmpdir(), "proofx-disk-"));
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=400m", "tmpfs", disk]);
    if (mounted.status !== 0) {
      rmSync(disk, { recursive: true });
      skipFor(this, { command: "mount", install: "allow mounting: this test fills a small disk" });
    }
    let world: World | undefined;
    let open: OpenWorld | undefined;
    try {
      world = await makeWorld("postgres", 1, { within: disk });
      open = await openWorld(world);
      const [agent] = world.agents;
      if (agent === undefined) throw new Error("the world has no stream");
      const filler = join(disk, "filler");
      const room = statfsSync(disk);
      writeFileSync(filler, Buffer.alloc(room.bavail * room.bsize - MIB));
      let refused = 0;
      const began = performance.now();
      const tooLong = (): boolean => performance.now() - began > 60_000;
      const outcomes: Outcome[] = [];
      while (refused < 3 && !tooLong()) {
        const some = await sendMany(open, agent, 40);
        outcomes.push(...some);
        refused += some.filter(({ result }) => result instanceof Error).length;
      }
      expect(refused).to.be.greaterThan(0);
      rmSync(filler);
      await world.postgres?.kill();
      await world.postgres?.start();
      await expectKept(open, outcomes);
      const after = await sendUntil(open, agent, once());
      expect(after[0]?.result).not.to.be.instanceOf(Error);
    } finally {
      await open?.close();
      await world?.close();
      spawnSync("umount", [disk]);
      rmSync(disk, { recursive: true, force: true });
    }
  });

  async function sendMany(open: OpenWorld, agent: StreamAgent, count: number): Promise<Outcome[]> {
    return await Promise.all(
      Array.from({ length: count }, async () => {
        const event = agent.next();
        const result = await open.ingest
          .submit({ tenant: agent.tenant }, agent.store, event.json)
          .catch((error: unknown) => error as Refusal);
        return { event, agent, result };
      }),
    );
  }
});

/** True from the second call on. */
function once(): () => boolean {
  let calls = 0;
  return () => calls++ > 0;
}

/** Half a page of what was never synced gets to the disk, and it is not what was written. */
function tear(file: string, from: number): void {
  const descriptor = openSync(file, "r+");
  try {
    writeSync(descriptor, Buffer.alloc(4_096, 0xa5), 0, 4_096, from);
  } finally {
    closeSync(descriptor);
  }
}
