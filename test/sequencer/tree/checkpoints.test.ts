import { ed25519 } from "@noble/curves/ed25519.js";
import { expect } from "chai";
import { CheckError, InputError } from "../../../src/core/errors.ts";
import {
  LogTree,
  openCheckpoint,
  SIGNATURE_TYPE,
  verifyLogConsistency,
  verifyLogInclusion,
} from "../../../src/core/log/index.ts";
import {
  Checkpointer,
  checkpointOrigin,
  LogReader,
  latestCheckpoint,
  type PublishedCheckpoint,
  type StreamKey,
  startPublishing,
} from "../../../src/sequencer/tree/index.ts";
import { emptyStore, KINDS, type TestStore } from "../support.ts";
import { fillStream, leafAt, newStream, openStream } from "./support.ts";

const SECRET = new Uint8Array(32).fill(7);
const PUBLIC = ed25519.getPublicKey(SECRET);
const LOG = "log.example";

for (const kind of KINDS) {
  describe(`Checkpoints on ${kind}`, function () {
    this.timeout(120_000);
    let test: TestStore;
    let signed = 0;
    let stream: StreamKey;
    let other: StreamKey;
    const start = (secret = SECRET) => {
      const database = test.store.as("app");
      const reader = new LogReader(database);
      const sign = async (message: Uint8Array) => {
        signed += 1;
        return ed25519.sign(message, secret);
      };
      const publicKey = ed25519.getPublicKey(secret);
      const signer = async () => ({ publicKey, sign });
      const parts = { database, reader, logName: LOG, signer, publicKeys: async () => [publicKey] };
      return { reader, checkpointer: new Checkpointer(parts) };
    };
    const open = ({ note }: PublishedCheckpoint) => {
      const name = checkpointOrigin(LOG, stream);
      return openCheckpoint(note, [{ name, publicKey: PUBLIC, type: SIGNATURE_TYPE.note }], name);
    };
    /** Runs statements as somebody who has the whole database; `OURS` is the condition for the test's stream. */
    const owner = (text: string) =>
      test.store
        .as("owner")
        .transaction(null, (sql) => sql.query(text.replaceAll("OURS", `store_id = '${stream.store}'`)));
    const published = async (checkpointer: Checkpointer): Promise<PublishedCheckpoint> => {
      const checkpoint = await checkpointer.publish(stream);
      if (checkpoint === undefined) throw new Error("no checkpoint");
      return checkpoint;
    };
    const refusal = (checkpointer: Checkpointer): Promise<unknown> =>
      checkpointer.publish(stream).catch((error: unknown) => error);

    before(async () => {
      test = await emptyStore(kind);
    });
    beforeEach(async () => {
      signed = 0;
      stream = newStream();
      other = newStream();
      await openStream(test.store, stream);
    });
    after(() => test?.close());

    it("say what the log held at each size; a client of the format checks proofs against them", async () => {
      const { checkpointer, reader } = start();
      expect(await checkpointer.publish(stream)).to.equal(undefined);
      const tree = new LogTree();
      let before: PublishedCheckpoint | undefined;
      for (const size of [1, 255, 256, 700]) {
        await fillStream(test.store, stream, size);
        while (tree.size < size) tree.append(leafAt(tree.size + 1));
        const checkpoint = await published(checkpointer);
        expect(open(checkpoint)).to.deep.include({ size: BigInt(size), root: tree.root() });
        const proof = await reader.inclusion(stream, BigInt(size - 1), checkpoint.size);
        verifyLogInclusion(leafAt(size), proof, checkpoint.root);
        if (before !== undefined) {
          const consistency = await reader.consistency(stream, before.size, checkpoint.size);
          verifyLogConsistency(consistency, before.root, checkpoint.root);
        }
        before = checkpoint;
      }
    });

    it("are signed once for each head, by however many processes", async () => {
      await fillStream(test.store, stream, 300);
      const notes = await Promise.all(Array.from({ length: 6 }, () => start().checkpointer.publish(stream)));
      const again = await published(start().checkpointer);
      expect(signed).to.equal(1);
      for (const note of notes) if (note !== undefined) expect(note.note).to.equal(again.note);
    });

    it("go on where another process stopped", async () => {
      await fillStream(test.store, stream, 1_000);
      await published(start().checkpointer);
      await fillStream(test.store, stream, 1_300);
      const tree = new LogTree(Array.from({ length: 1_300 }, (_, index) => leafAt(index + 1)));
      expect((await published(start().checkpointer)).root).to.deep.equal(tree.root());
    });

    it("are published for every tenant's streams while it runs, and for none after", async () => {
      await openStream(test.store, other);
      await fillStream(test.store, stream, 3);
      await fillStream(test.store, other, 5);
      const { checkpointer } = start();
      const sizes = new Map<string, bigint>();
      const both = Promise.withResolvers<void>();
      const stop = startPublishing(test.store.as("app"), checkpointer, {
        interval: 20,
        published: ({ store }, { size }) => {
          sizes.set(store, size);
          if (sizes.has(stream.store) && sizes.has(other.store)) both.resolve();
        },
        // Streams that other tests spoilt fail again and again, and hold up nobody.
        failed: (error, failing) => {
          if (failing === undefined) both.reject(error);
        },
      });
      await both.promise;
      await stop();
      expect([sizes.get(stream.store), sizes.get(other.store)]).to.deep.equal([3n, 5n]);
    });

    it("are published for the streams beside one that is spoilt", async () => {
      const streams = [newStream(), stream, newStream()];
      for (const [i, each] of streams.entries()) {
        if (i !== 1) await openStream(test.store, each);
        await fillStream(test.store, each, 10);
      }
      await published(start(new Uint8Array(32).fill(8)).checkpointer);
      await fillStream(test.store, stream, 11);
      const seen = new Map<string, string>();
      const all = Promise.withResolvers<void>();
      const see = (what: string, store = "") => {
        seen.set(store, what);
        if (streams.every((each) => seen.has(each.store))) all.resolve();
      };
      const stop = startPublishing(test.store.as("app"), start().checkpointer, {
        interval: 20,
        published: ({ store }) => see("published", store),
        failed: (_error, failing) => see("failed", failing?.store),
      });
      await all.promise;
      await stop();
      expect(streams.map(({ store }) => seen.get(store))).to.deep.equal(["published", "failed", "published"]);
    });

    it("are not signed for a stream that does not exist", async () => {
      expect(
        await start()
          .checkpointer.publish(other)
          .catch((error: unknown) => error),
      ).to.be.instanceOf(InputError);
    });

    const CHANGES: [string, string][] = [
      [
        "an event was taken away",
        "UPDATE streams SET head = 9 WHERE OURS; DELETE FROM events WHERE sequence > 9 AND OURS",
      ],
      ["an old leaf was altered", "UPDATE events SET leaf = sha256('') WHERE sequence = 4 AND OURS"],
      ["a checkpoint was taken away", "DELETE FROM checkpoints WHERE OURS"],
      ["a checkpoint's root was altered", "UPDATE checkpoints SET root = sha256('') WHERE OURS"],
      [
        "a checkpoint's note was altered",
        "UPDATE checkpoints SET note = replace(note, '10', '11') WHERE OURS",
      ],
    ];
    for (const [what, change] of CHANGES)
      it(`are not signed once ${what}`, async () => {
        await fillStream(test.store, stream, 10);
        const { checkpointer } = start();
        await published(checkpointer);
        await owner(change);
        if (!change.includes("head")) await fillStream(test.store, stream, 12);
        const after = what.includes("leaf") || what.includes("note") ? start().checkpointer : checkpointer;
        expect(await refusal(after)).to.be.instanceOf(CheckError);
        expect(signed).to.equal(1);
      });

    it("are not signed when a tile was altered", async () => {
      await fillStream(test.store, stream, 600);
      await published(start().checkpointer);
      await owner(
        "UPDATE log_tiles SET hashes = overlay(hashes PLACING '\\x00' FROM 9) WHERE tile_index = 1 AND OURS",
      );
      await fillStream(test.store, stream, 601);
      expect(await refusal(start().checkpointer)).to.be.instanceOf(CheckError);
    });

    it("are not signed for a history that was swapped for another, longer one", async () => {
      await fillStream(test.store, stream, 10);
      const { checkpointer } = start();
      await published(checkpointer);
      await owner(
        "DELETE FROM checkpoints WHERE OURS; UPDATE events SET leaf = sha256('') WHERE sequence = 4 AND OURS",
      );
      await fillStream(test.store, stream, 11);
      await published(start().checkpointer);
      expect(await refusal(checkpointer)).to.be.instanceOf(CheckError);
    });

    it("do not build on a note that another key signed", async () => {
      await fillStream(test.store, stream, 10);
      await published(start(new Uint8Array(32).fill(8)).checkpointer);
      await fillStream(test.store, stream, 11);
      expect(await refusal(start().checkpointer)).to.be.instanceOf(CheckError);
    });

    it("are a tenant's own", async () => {
      await fillStream(test.store, stream, 10);
      await published(start().checkpointer);
      const seen = await test.store
        .as("app")
        .transaction(other.tenant, (sql) => latestCheckpoint(sql, stream));
      expect(seen).to.equal(undefined);
    });
  });
}
