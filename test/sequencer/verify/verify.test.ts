import { expect } from "chai";
import { toHex, uint } from "../../../src/core/bytes.ts";
import { type Fault, type LogReport, verifyLog } from "../../../src/sequencer/verify/index.ts";
import { TileWalk, tileDifference } from "../../../src/sequencer/verify/tiles.ts";
import { keyOf, uuid, WrittenLog } from "../written-log.ts";
import { flipsOf } from "./flips.ts";
import { batchesOf, chainOf, checkpointOf, type MemoryLog, memoryLog, open, sourceOf } from "./memory-log.ts";

const AGENT = uuid(1);

/** Six events of every kind: two of the log's own, versions 1 and 3, with facts, command and base version. */
async function smallLog(): Promise<WrittenLog> {
  const log = await WrittenLog.open(uuid(0xd));
  await log.register(AGENT, keyOf(1));
  const entity = { entityType: "order", entityId: "7" };
  await log.append({ fields: { ...entity, factsCommitment: uint("facts", 77, 32) } });
  await log.append({ fields: { ...entity, commandId: uuid(0xc1), baseVersion: 1n } });
  await log.append({ fields: { ...entity, vesVersion: 1, commandId: uuid(0xc2), baseVersion: 2n } });
  await log.append({ fields: { entityId: "ä" } });
  return log;
}

const copy = (log: MemoryLog): MemoryLog => ({
  stream: log.stream,
  events: [...log.events],
  keys: [...log.keys],
  tiles: [...log.tiles],
  checkpoints: [...log.checkpoints],
  batches: [...log.batches],
});

describe("log verify", function () {
  this.timeout(120_000);
  let written: WrittenLog;
  let whole: MemoryLog;
  before(async () => {
    written = await smallLog();
    whole = await memoryLog(written, { batches: [5, 6], checkpoints: [5, 6] });
  });

  const verify = (log: MemoryLog, chain = chainOf(whole.batches)): Promise<LogReport> =>
    verifyLog({ source: sourceOf(log), chain, open });
  async function faultOf(log: MemoryLog, chain = chainOf(whole.batches)): Promise<Fault> {
    const { fault } = await verify(log, chain);
    if (fault === undefined) throw new Error("nothing was found");
    return fault;
  }
  const named = ({ kind, entry, field }: Fault): string => `${kind} ${entry} ${field}`;

  it("finds nothing in a log that is whole, and says what it looked at", async () => {
    const { streams, fault } = await verify(whole);
    expect(fault).to.equal(undefined);
    expect(streams).to.deep.equal([
      {
        stream: toHex(written.streamId),
        events: 6n,
        payloads: 6n,
        erased: 0n,
        archived: 0n,
        checkpoints: 2n,
        tiles: 0n,
        batches: 2n,
        anchored: 2n,
      },
    ]);
  });

  it("finds every byte of every event, receipt, checkpoint, batch and key that is flipped, and names the entry", async () => {
    let flips = 0;
    const missed: string[] = [];
    const misnamed: string[] = [];
    for (const list of ["events", "checkpoints", "batches", "keys"] as const) {
      for (const [index, row] of whole[list].entries()) {
        for (const { column, at, changed } of flipsOf(row, { except: ["closedAt"] })) {
          flips += 1;
          const log = copy(whole);
          Object.assign(log, { [list]: whole[list].map((each, i) => (i === index ? changed : each)) });
          const { fault } = await verify(log);
          const place = `${list} ${index} ${column} byte ${at}`;
          if (fault === undefined) missed.push(place);
          else if (
            list === "events" &&
            column !== "sequence" &&
            !fault.entry.includes(String(index + 1)) &&
            fault.kind === "event"
          )
            misnamed.push(`${place}: ${named(fault)}`);
        }
      }
    }
    console.log(`      ${flips} bytes flipped in turn, ${flips - missed.length} found`);
    expect(missed).to.deep.equal([]);
    expect(misnamed).to.deep.equal([]);
    expect(flips).to.be.greaterThan(4_000);
  });

  it("finds every byte of a tile that is flipped", async () => {
    const log = await WrittenLog.open(uuid(0xe));
    await log.register(AGENT, keyOf(1));
    while (log.events.length < 257) await log.append({});
    const rows = await memoryLog(log, { batches: [], checkpoints: [256] });
    const [tile] = rows.tiles;
    if (tile === undefined) throw new Error("no tile");
    expect((await verifyLog({ source: sourceOf(rows), open })).fault).to.equal(undefined);
    // Two through the front door, all others where tiles are compared: reading 257 events again for each takes minutes.
    for (const at of [0, 8_191]) {
      const hashes = Uint8Array.from(tile.hashes, (byte, i) => (i === at ? byte ^ 1 : byte));
      const { fault } = await verifyLog({
        source: sourceOf({ ...rows, tiles: [{ ...tile, hashes }] }),
        open,
      });
      expect(fault && named(fault)).to.equal("tile 0/0 hashes");
    }
    const walk = new TileWalk();
    const [due] = rows.events.flatMap(({ leaf }) => walk.append(leaf));
    if (due === undefined) throw new Error("no tile is due");
    for (let at = 0; at < tile.hashes.length; at++) {
      const hashes = Uint8Array.from(tile.hashes);
      hashes[at] = (hashes[at] ?? 0) ^ (1 << (at % 8));
      expect(tileDifference(due, hashes)).to.equal(Math.floor(at / 32));
    }
    const gone = await verifyLog({ source: sourceOf({ ...rows, tiles: [] }), open });
    expect(gone.fault?.kind).to.equal("tile");
  });

  const cases: [string, string, (log: MemoryLog) => void | Promise<void>][] = [
    ["a gap", "event 4 sequence", (log) => void log.events.splice(3, 1)],
    [
      "two events in each other's place",
      "event 4 payload",
      (log) => {
        const [a, b] = [log.events[3], log.events[5]];
        if (a !== undefined && b !== undefined)
          log.events.splice(3, 3, { ...b, sequence: 4n }, log.events[4] ?? a, { ...a, sequence: 6n });
      },
    ],
    ["a lost end", "head", (log) => void log.events.pop()],
    [
      "a revoked key that the table still has",
      "key",
      (log) => {
        log.keys = log.keys.map((key) => ({ ...key, revoked_at: 5n }));
      },
    ],
    [
      "a key that no event registers",
      "key",
      (log) => {
        log.keys.push({
          agent_id: uuid(9),
          key_id: 1n,
          public_key: keyOf(9).publicKey,
          registered_at: 2n,
          revoked_at: null,
        });
      },
    ],
    [
      "a checkpoint beyond the end",
      "checkpoint 9 size",
      async (log) => {
        log.checkpoints.push({ ...(await checkpointOf(written, 6)), size: 9n });
      },
    ],
    ["a batch that is missing", "batch 2 batch_index", (log) => void log.batches.shift()],
    [
      "a batch beyond the end",
      "batch 2 end_sequence",
      (log) => {
        log.batches = log.batches.map((row) => (row.batchIndex === 2n ? { ...row, endSequence: 8n } : row));
      },
    ],
  ];
  for (const [what, name, change] of cases)
    it(`finds ${what}`, async () => {
      const log = copy(whole);
      await change(log);
      expect(named(await faultOf(log))).to.contain(name.trim());
    });

  it("finds an event that a key signed after it was revoked, however it is dated", async () => {
    const log = await smallLog();
    await log.revoke(AGENT);
    await log.append({ fields: { createdAt: "2020-01-01T00:00:00Z" } });
    const rows = await memoryLog(log, { batches: [], checkpoints: [] });
    const { fault } = await verifyLog({ source: sourceOf(rows), open });
    expect(fault && named(fault)).to.equal("event 8 agent_key_id");
    expect(fault?.detail).to.contain("was revoked before it, at sequence 7");
  });

  it("finds events of keys that nobody registered, and own types that are not the registrar's", async () => {
    const unknown = await smallLog();
    await unknown.append({ agent: uuid(5), signer: keyOf(5) });
    const first = await verifyLog({
      source: sourceOf(await memoryLog(unknown, { batches: [], checkpoints: [] })),
      open,
    });
    expect(first.fault && named(first.fault)).to.equal("event 7 agent_key_id");
    const posing = await smallLog();
    await posing.append({ fields: { eventType: "proofx.schema.set" } });
    const second = await verifyLog({
      source: sourceOf(await memoryLog(posing, { batches: [], checkpoints: [] })),
      open,
    });
    expect(second.fault && named(second.fault)).to.equal("event 7 source_agent_id");
  });

  it("finds a command that was carried out twice, and an event twice", async () => {
    const log = await smallLog();
    await log.append({ fields: { commandId: uuid(0xc1) } });
    const rows = await memoryLog(log, { batches: [], checkpoints: [] });
    const { fault } = await verifyLog({ source: sourceOf(rows), open });
    expect(fault && named(fault)).to.equal("event 7 command_id");
    const again = await smallLog();
    await again.append({ fields: { eventId: again.events[3]?.event_id ?? "" } });
    const twice = await memoryLog(again, { batches: [], checkpoints: [] });
    const second = await verifyLog({ source: sourceOf(twice), open });
    expect(second.fault && named(second.fault)).to.equal("event 7 event_id");
  });

  it("catches a sequencer with two histories of the same size, both signed, by the chain", async () => {
    const other = await smallLog();
    other.events.pop();
    await other.append({ fields: { entityId: "another" } });
    const shown = await memoryLog(other, { batches: [4, 6], checkpoints: [5, 6] });
    expect((await checkpointOf(other, 6)).root).not.to.deep.equal((await checkpointOf(written, 6)).root);
    expect((await verifyLog({ source: sourceOf(shown), open })).fault, "alone it holds").to.equal(undefined);
    const fault = await faultOf(shown, chainOf(batchesOf(written, [4, 6])));
    expect(named(fault)).to.equal("anchor 2 state_root");
    expect(fault.detail).to.contain("there are two histories");
  });

  it("finds what the chain has and the log lost, and what the log says is anchored and is not", async () => {
    const shorter = { ...copy(whole), batches: whole.batches.slice(0, 1) };
    expect(named(await faultOf(shorter))).to.equal("anchor 2 head");
    const claimed = {
      ...sourceOf(whole),
      anchor: async () => ({
        batch_index: 1n,
        status: "anchored",
        transaction_hash: new Uint8Array(32),
        block_number: 1n,
        chain_batch_index: 1n,
        mature_at: 1n,
      }),
    };
    const { fault } = await verifyLog({ source: claimed, chain: chainOf(whole.batches.slice(0, 1)), open });
    expect(fault && named(fault)).to.equal("anchor 2 status");
  });

  it("goes without payloads by the table of keys, and still finds what is signed", async () => {
    const { streams, fault } = await verifyLog({ source: sourceOf(whole) });
    expect(fault).to.equal(undefined);
    expect(streams[0]?.payloads).to.equal(0n);
    const log = copy(whole);
    log.events[4] = { ...(log.events[4] ?? whole.events[0]), agent_signature: new Uint8Array(64) } as never;
    const found = await verifyLog({ source: sourceOf(log) });
    expect(found.fault && named(found.fault)).to.equal("event 5 agent_signature");
  });
});
