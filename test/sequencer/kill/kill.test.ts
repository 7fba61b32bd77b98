import { expect } from "chai";
import { equalBytes } from "../../../src/core/bytes.ts";
import { eventLeaf, parseEvent, type Receipt, verifyReceipt } from "../../../src/core/log/index.ts";
import { KINDS, type Kind } from "../support.ts";
import type { StreamAgent } from "./agents.ts";
import { runKills, type Told } from "./run.ts";
import { makeWorld, type World } from "./world.ts";

/** PROOFX_KILLS=1000 kills that often on PostgreSQL; PROOFX_KILL_SEED repeats a run. */
const KILLS: Record<Kind, number> = { postgres: Number(process.env.PROOFX_KILLS ?? 200), pglite: 20 };
const SEED = Number(process.env.PROOFX_KILL_SEED ?? Math.floor(Math.random() * 2 ** 32));
const STREAMS = 3;

interface StoredEvent {
  readonly sequence: bigint;
  readonly event_id: string;
  readonly leaf: Uint8Array;
  readonly receipt_signature: Uint8Array;
}

for (const kind of KINDS) {
  describe(`A sequencer on ${kind} that is killed ${KILLS[kind]} times under load`, function () {
    this.timeout(1_800_000);
    let world: World;
    let sent: Told[];
    const rows = new Map<string, StoredEvent[]>();

    before(async () => {
      console.log(`      seed ${SEED} (PROOFX_KILL_SEED)`);
      world = await makeWorld(kind, STREAMS);
      const processes = kind === "postgres" ? 2 : 1;
      const { settingsFile, agents } = world;
      sent = await runKills({ settingsFile, agents, kills: KILLS[kind], processes, seed: SEED, longest: 60 });
      const store = await world.open();
      try {
        for (const { store: id } of agents) rows.set(id, await storedIn(store, id));
      } finally {
        await store.close();
      }
      const count = [...rows.values()].reduce((sum, { length }) => sum + length, 0);
      console.log(`      ${sent.length} events sent, ${count} in the log`);
    });
    after(() => world?.close());

    const find = ({ agent, event }: Told): StoredEvent | undefined =>
      rows.get(agent.store)?.find(({ event_id: id }) => id === event.eventId);

    it("was under load: most events were acknowledged, and some were cut off", () => {
      expect(sent.length).to.be.greaterThan(KILLS[kind] * 10);
      expect(sent.some(({ receipts }) => receipts.length > 0)).to.equal(true);
    });

    it("has lost no event that it acknowledged, and gave none a second place", () => {
      for (const told of sent) {
        const row = find(told);
        expect(told.receipts, told.event.eventId).not.to.be.empty;
        for (const receipt of told.receipts) {
          expect(receipt.sequence, told.event.eventId).to.equal(row?.sequence);
          expect(equalBytes(receipt.receiptSignature, row?.receipt_signature ?? new Uint8Array())).to.equal(
            true,
          );
        }
      }
    });

    it("has neither a gap nor an event twice, in no stream", () => {
      for (const stored of rows.values()) {
        expect(stored.map(({ sequence }) => sequence)).to.deep.equal(
          stored.map((_, index) => BigInt(index + 1)),
        );
        expect(new Set(stored.map(({ event_id: id }) => id)).size).to.equal(stored.length);
      }
    });

    it("did not fork: one event a place, whose leaf is what every receipt promised", () => {
      const promised = new Map<string, string>();
      for (const { agent, event, receipts } of sent)
        for (const { sequence } of receipts) {
          const place = `${agent.store}/${sequence}`;
          expect(promised.get(place) ?? event.eventId).to.equal(event.eventId);
          promised.set(place, event.eventId);
        }
      for (const told of sent) {
        const row = find(told);
        const leaf = eventLeaf({ sequence: row?.sequence ?? 0n, event: parseEvent(told.event.json) });
        expect(equalBytes(leaf, row?.leaf ?? leaf)).to.equal(true);
      }
    });

    it("signed receipts that hold for the events that were sent", () => {
      const lasts = sent.slice(-50).concat(sent.slice(0, 50));
      for (const { event, receipts } of lasts)
        verifyReceipt(receipts[0] as Receipt, parseEvent(event.json), world.receiptKeys);
    });
  });
}

async function storedIn(
  store: Awaited<ReturnType<World["open"]>>,
  id: StreamAgent["store"],
): Promise<StoredEvent[]> {
  return await store
    .as("owner")
    .transaction(null, (sql) =>
      sql.query<StoredEvent>(
        "SELECT sequence, event_id, leaf, receipt_signature FROM proofx.events WHERE store_id = $1 ORDER BY sequence",
        [id],
      ),
    );
}
