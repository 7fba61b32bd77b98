import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { expect } from "chai";
import { atRestSettings, Keyring } from "../../../src/sequencer/at-rest/index.ts";
import { EventReader } from "../../../src/sequencer/read/index.ts";
import { Heads } from "../../../src/services/sequencer/heads.ts";
import { Tails } from "../../../src/services/sequencer/tails.ts";
import { describeOnEither } from "../../sequencer/support.ts";
import { startWorld, type Tenant, type World } from "./world.ts";

interface Told {
  readonly id: string;
  readonly data: { readonly event: { readonly sequence_number: string } };
}

/** Follows a stream as a browser would; `next` waits for the next event, and fails at the end. */
async function follow(world: World, tenant: Tenant, { from, last }: { from?: number; last?: string } = {}) {
  const stop = new AbortController();
  const query = from === undefined ? "" : `?from=${from}`;
  const answer = await fetch(`${world.url()}/v1/stores/${tenant.storeId}/events/stream${query}`, {
    headers: {
      authorization: `Bearer ${tenant.credential}`,
      ...(last === undefined ? {} : { "last-event-id": last }),
    },
    signal: stop.signal,
  });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const part = async (): Promise<string | undefined> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end >= 0) {
        const found = text.slice(0, end);
        text = text.slice(end + 2);
        return found;
      }
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) return undefined;
      text += value;
    }
  };
  return {
    status: answer.status,
    type: answer.headers.get("content-type"),
    /** Anything, comments too; undefined at the end. */
    part,
    async next(): Promise<Told> {
      for (let found = await part(); found !== undefined; found = await part()) {
        const fields = new Map(
          found.split("\n").map((line) => [line.split(": ")[0], line.slice(line.indexOf(": ") + 2)]),
        );
        if (fields.has("data"))
          return { id: fields.get("id") ?? "", data: JSON.parse(fields.get("data") ?? "") };
      }
      throw new Error("the tail ended");
    },
    end: () => stop.abort(),
  };
}

describeOnEither("A stream that is followed", function (kind) {
  this.timeout(120_000);
  let world: World;
  let ours: Tenant;

  before(async () => {
    world = await startWorld({ tails: 12, tail_heartbeat: 1 }, kind);
    ours = await world.newTenant();
  });
  after(() => world?.close());

  const open = async (): Promise<number> => {
    const { text } = await world.call("/metrics");
    return Number(/proofx_sequencer_tails\{[^}]*\} (\d+)/.exec(text)?.[1]);
  };
  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  it("tells what was and what comes, each event once and in order", async () => {
    const tail = await follow(world, ours, { from: 1 });
    expect([tail.status, tail.type]).to.deep.equal([200, "text/event-stream; charset=utf-8"]);
    expect([(await tail.next()).id, (await tail.next()).id]).to.deep.equal(["1", "2"]);
    const sent = await Promise.all(Array.from({ length: 30 }, () => world.send(ours)));
    const ids: string[] = [];
    for (const _ of sent) ids.push((await tail.next()).id);
    expect(ids).to.deep.equal(ids.map((_, index) => String(index + 3)));
    tail.end();
  });

  it("is gone on with after the last event a client had, across a restart of the service", async () => {
    const tail = await follow(world, ours, { from: 1 });
    const had = [(await tail.next()).id, (await tail.next()).id, (await tail.next()).id];
    const restarting = world.restart();
    while ((await tail.part()) !== undefined);
    await restarting;
    await world.send(ours);
    const again = await follow(world, ours, { from: 1, last: had[2] ?? "" });
    const { body } = await world.call(`/v1/stores/${ours.storeId}/head`, { credential: ours.credential });
    for (let sequence = 4; sequence <= Number(body.sequence_number); sequence++)
      expect((await again.next()).id).to.equal(String(sequence));
    again.end();
  });

  it("holds up no stop of the service, though its client keeps the connection for more", async () => {
    await world.restart({ http: { port: 0, stop_timeout: 3_600 } });
    const agent = new Agent({ keepAlive: true });
    const headers = { authorization: `Bearer ${ours.credential}` };
    const asked = get(`${world.url()}/v1/stores/${ours.storeId}/events/stream?from=1`, { agent, headers });
    const [tail] = (await once(asked, "response")) as [IncomingMessage];
    await once(tail.setEncoding("utf8"), "data");
    tail.resume();
    await world.restart();
    agent.destroy();
  });

  it("tells what another process appended", async () => {
    const tail = await follow(world, ours);
    await tail.part();
    const { body } = await world.call(`/v1/stores/${ours.storeId}/head`, { credential: ours.credential });
    // As another process would: past this one, into the same database.
    await world.store.as("owner").transaction(null, async (sql) => {
      await sql.query(
        `INSERT INTO events SELECT (jsonb_populate_record(e, jsonb_build_object('sequence', e.sequence + 1,
           'event_id', gen_random_uuid(), 'entity_version', e.entity_version + 1, 'payload', ''))).*
         FROM events e WHERE store_id = $1 AND sequence = $2`,
        [ours.storeId, body.sequence_number],
      );
      await sql.query("UPDATE streams SET head = head + 1 WHERE store_id = $1", [ours.storeId]);
    });
    const told = await tail.next();
    expect(told.data.event).to.include({ payload_archived: true });
    tail.end();
  });

  it("gives a sign of life when nothing happens", async () => {
    const tail = await follow(world, ours);
    expect(await tail.part()).to.equal("retry: 1000");
    expect(await tail.part()).to.equal(": still here");
    tail.end();
  });

  it("is followed by so many clients and no more, and those that hang up count no longer", async () => {
    await until(async () => (await open()) === 0);
    const tails = [await follow(world, ours), await follow(world, ours), await follow(world, ours)];
    expect((await follow(world, ours)).status).to.equal(503);
    for (const tail of tails) tail.end();
    await until(async () => (await open()) === 0);
    const tail = await follow(world, ours);
    expect(tail.status).to.equal(200);
    tail.end();
  });

  it("is read no further ahead of a client than a buffer holds", async () => {
    const payload = "x".repeat(50_000);
    for (let count = 0; count < 10; count++) await world.send(ours, { payload });
    const database = world.store.as("app");
    const sealer = new Keyring(database, world.keys, atRestSettings.parse({}));
    const heads = new Heads(async () => 0n, 1_000);
    const tails = new Tails(new EventReader(database, sealer), heads, {
      most: 1,
      heartbeat: 60_000,
      lifetime: 60_000,
    });
    let read = 0;
    const stream = { tenant: ours.tenant, store: ours.storeId };
    const events = tails.follow(stream, 1n, new AbortController().signal, () => {
      read += 1;
      return payload;
    });
    const slow = Readable.from(events, { objectMode: false, highWaterMark: 65_536 });
    await once(slow, "readable");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(read).to.be.within(1, 3);
    tails.stop();
    slow.destroy();
    await until(async () => tails.open === 0);
  });
});
