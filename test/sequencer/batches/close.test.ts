import { expect } from "chai";
import { concatBytes, toHex, uint } from "../../../src/core/bytes.ts";
import { CheckError } from "../../../src/core/errors.ts";
import { EMPTY_STREAM, verifyBatchInclusion } from "../../../src/core/log/index.ts";
import {
  BatchProofs,
  type BatchRow,
  type ClosingLimits,
  closeDue,
  computeBatch,
  computeInThread,
  factsTreeOf,
} from "../../../src/sequencer/batches/index.ts";
import { lastBatch } from "../../../src/sequencer/batches/rows.ts";
import { emptyStore, KINDS, type TestStore } from "../support.ts";
import { keyOf, TENANT, uuid, WrittenLog } from "../written-log.ts";

const AGENT = uuid(1);
const facts = (n: number): Uint8Array => uint("commitment", 1_000 + n, 32);

for (const kind of KINDS) {
  describe(`Batches on ${kind}`, function () {
    this.timeout(60_000);
    let test: TestStore;
    let streams = 0;
    before(async () => {
      test = await emptyStore(kind);
    });
    after(() => test?.close());

    /** A stream of `count` events, every third of them with facts. */
    async function written(count: number): Promise<WrittenLog> {
      const log = await WrittenLog.open(uuid(0xb000 + streams++));
      await log.register(AGENT, keyOf(1));
      for (let i = 2; i < count; i++)
        await log.append({ agent: AGENT, fields: i % 3 === 0 ? { factsCommitment: facts(i) } : {} });
      await log.write(test.store);
      return log;
    }

    async function close(limits: ClosingLimits, now = Date.now()): Promise<BatchRow[]> {
      const closed: BatchRow[] = [];
      await closeDue({
        db: test.store.as("anchor"),
        limits,
        compute: computeInThread,
        now: () => now,
        closed: (batch) => closed.push(batch),
      });
      return closed;
    }
    const NEVER = Number.MAX_SAFE_INTEGER;
    const of = (log: WrittenLog, batches: readonly BatchRow[]) =>
      batches.filter(({ store }) => store === log.store);

    it("close when they are full, one after the other, and leave the rest open", async () => {
      const log = await written(11);
      const batches = of(log, await close({ size: 4, age: NEVER }));
      expect(batches.map(({ startSequence, endSequence }) => [startSequence, endSequence])).to.deep.equal([
        [1n, 4n],
        [5n, 8n],
      ]);
      expect(of(log, await close({ size: 4, age: NEVER }))).to.deep.equal([]);
    });

    it("close what is old enough, however little it is", async () => {
      const log = await written(3);
      const [first] = log.events;
      const due = Number(first?.sequenced_at) + 1_000;
      expect(of(log, await close({ size: 100, age: 1_000 }, due - 1))).to.have.length(0);
      const [batch] = of(log, await close({ size: 100, age: 1_000 }, due));
      expect(batch?.endSequence).to.equal(3n);
    });

    it("are what closing the events themselves gives, facts root and log history included", async () => {
      const log = await written(10);
      const rows = of(log, await close({ size: 5, age: NEVER }));
      let previous = EMPTY_STREAM;
      for (const row of rows) {
        const events = log.events.slice(Number(row.startSequence) - 1, Number(row.endSequence));
        const tree = factsTreeOf(
          log.streamId,
          events.map((event) => ({
            sequence: event.sequence,
            agentId: event.source_agent_id,
            factsCommitment: event.facts_commitment,
          })),
        );
        expect(tree.leaves.length, "a batch without facts proves nothing here").to.be.greaterThan(0);
        const computed = computeBatch({
          tenant: TENANT,
          store: log.store,
          previous,
          leaves: concatBytes(...events.map(({ leaf }) => leaf)),
          facts: events.flatMap(({ sequence, source_agent_id, facts_commitment }) =>
            facts_commitment === null
              ? []
              : [{ sequence, agentId: source_agent_id, factsCommitment: facts_commitment }],
          ),
        });
        expect(toHex(row.stateRoot)).to.equal(toHex(computed.stateRoot));
        expect(toHex(row.factsRoot)).to.equal(toHex(uint("root", tree.root, 32)));
        previous = computed.next;
      }
      expect(rows).to.have.length(2);
    });

    it("are closed once, by several closers at a time", async () => {
      const log = await written(12);
      const all = await Promise.all(
        Array.from({ length: 4 }, () => close({ size: 3, age: NEVER }).catch(() => [])),
      );
      await close({ size: 3, age: NEVER });
      const ends = await test.store
        .as("anchor")
        .transaction(null, (sql) =>
          sql.query("SELECT end_sequence AS e FROM proofx.batches WHERE store_id = $1 ORDER BY 1", [
            log.store,
          ]),
        );
      expect(all.flat().length).to.be.greaterThan(0);
      expect(ends.map(({ e }) => e)).to.deep.equal([3n, 6n, 9n, 12n]);
    });

    it("are the same when a crash came between computing and keeping them", async () => {
      const log = await written(6);
      const crashed: string[] = [];
      const anchor = test.store.as("anchor");
      const crash = closeDue({
        db: anchor,
        limits: { size: 6, age: NEVER },
        compute: async (rows) => {
          if (rows.store === log.store) crashed.push(toHex((await computeInThread(rows)).stateRoot));
          throw new Error("killed here");
        },
        now: Date.now,
        closed: () => undefined,
      });
      expect(await crash.catch((error: Error) => error.message)).to.equal("killed here");
      expect(await anchor.transaction(null, (sql) => lastBatch(sql, log))).to.equal(undefined);
      const [batch] = of(log, await close({ size: 6, age: NEVER }));
      expect([toHex(batch?.stateRoot ?? new Uint8Array())]).to.deep.equal(crashed);
    });

    it("close in the other streams when one stream lacks an event, and that is told", async () => {
      const [spoilt, sound] = [await written(4), await written(4)];
      const owner = (text: string) =>
        test.store.as("owner").transaction(null, (sql) => sql.query(text, [spoilt.store]));
      await owner("DELETE FROM proofx.events WHERE store_id = $1 AND sequence = 2");
      const told = await close({ size: 4, age: NEVER }).catch((error: unknown) => error);
      expect(told).to.be.instanceOf(CheckError);
      const ends = async (log: WrittenLog) =>
        (await test.store.as("anchor").transaction(null, (sql) => lastBatch(sql, log)))?.endSequence;
      expect([await ends(spoilt), await ends(sound)]).to.deep.equal([undefined, 4n]);
      await owner("DELETE FROM proofx.events WHERE store_id = $1");
    });

    it("prove that each of their events is in them, to the tenant alone", async () => {
      const log = await written(7);
      await close({ size: 5, age: NEVER });
      const proofs = new BatchProofs(test.store.as("app"));
      for (const { sequence, leaf } of log.events.slice(0, 5)) {
        const proved = await proofs.prove(log, sequence);
        if (proved === undefined) throw new Error(`no proof for ${sequence}`);
        expect(toHex(proved.leaf)).to.equal(toHex(leaf));
        verifyBatchInclusion(leaf, proved.proof, proved.batch.batchRoot);
        expect(() =>
          verifyBatchInclusion(
            leaf,
            { ...proved.proof, index: (proved.proof.index + 1) % 5 },
            proved.batch.batchRoot,
          ),
        ).to.throw("another root");
      }
      expect(await proofs.prove(log, 6n)).to.equal(undefined);
    });
  });
}

describe("A batch computed in a thread", function () {
  this.timeout(60_000);

  it("is the one that is computed here, and its failure is told", async () => {
    const log = await WrittenLog.open(uuid(0xb));
    const { leaf } = log.events[0] ?? { leaf: new Uint8Array(32) };
    const count = 300;
    const leaves = concatBytes(...Array.from({ length: count }, () => leaf));
    const facts = Array.from({ length: 9 }, (_, i) => ({
      sequence: BigInt(i + 1),
      agentId: AGENT,
      factsCommitment: uint("commitment", i + 1, 32),
    }));
    const rows = { tenant: TENANT, store: log.store, previous: EMPTY_STREAM, leaves, facts };
    expect((await computeInThread(rows)).batch).to.deep.equal(computeBatch(rows).batch);
    const bad = {
      ...rows,
      facts: facts.map((row) => ({ ...row, factsCommitment: new Uint8Array(32).fill(255) })),
    };
    const error = await computeInThread(bad).catch((thrown: Error) => thrown);
    expect((error as Error).message).to.contain("a batch could not be computed: fact commitment");
  });
});
