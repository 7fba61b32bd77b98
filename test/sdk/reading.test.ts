import { expect } from "chai";
import { toHex } from "../../src/core/bytes.ts";
import { CheckError, UnavailableError } from "../../src/core/errors.ts";
import type { Json } from "../../src/core/json.ts";
import { type Client, createClient, SequencerRefusal } from "../../src/sdk/index.ts";
import { makeEvent, STORE, TENANT, uuid } from "../core/log/support.ts";
import { RECEIPT_SIGNER, StandIn, TOKEN } from "./support/stand-in.ts";

type JsonObject = { [name: string]: Json };

describe("sdk, reading", () => {
  let server: StandIn;
  let client: Client;
  const options = {
    credential: TOKEN,
    tenant: TENANT,
    store: STORE,
    retry: { attempts: 4, firstPause: 1, longestPause: 4, longestWait: 2000, timeout: 5000 },
  };

  beforeEach(async () => {
    server = new StandIn();
    client = createClient({ ...options, url: await server.listen() });
    for (let n = 1; n <= 5; n++) await server.take(await makeEvent(n));
  });
  afterEach(() => server.close());

  async function numbers(
    events: AsyncIterable<{ sequence: bigint }>,
    count = Number.POSITIVE_INFINITY,
  ): Promise<number[]> {
    const all: number[] = [];
    for await (const { sequence } of events) {
      all.push(Number(sequence));
      if (all.length >= count) break;
    }
    return all;
  }

  async function refusal(work: Promise<unknown>): Promise<Error> {
    return work.then(
      () => expect.fail("it was not refused"),
      (error: Error) => error,
    );
  }

  describe("events", () => {
    it("come in order through pages, from and to where they are wanted", async () => {
      expect(await numbers(client.events({ page: 2 }))).to.deep.equal([1, 2, 3, 4, 5]);
      expect(await numbers(client.events({ from: 2n, to: 3n, page: 5 }))).to.deep.equal([2, 3]);
      expect(await numbers(client.events({ from: 6n }))).to.deep.equal([]);
      const { event, receipt, entityVersion, missing } = await client.event(3n);
      expect(event.eventId).to.equal(uuid(3));
      expect(receipt?.sequence).to.equal(3n);
      expect({ entityVersion, missing }).to.deep.equal({ entityVersion: 1n, missing: undefined });
      expect((await client.head()).sequence).to.equal(5n);
    });

    it("come by their id, and by their entity's versions", async () => {
      expect((await client.eventById(uuid(2))).sequence).to.equal(2n);
      await server.take(await makeEvent(6, { entityId: "a/b" }));
      await server.take(await makeEvent(7, { entityId: "a/b" }));
      expect(await numbers(client.entityEvents("order", "a/b"))).to.deep.equal([6, 7]);
      server.lie = (_path, answer) => {
        const { events } = answer as { events: JsonObject[] };
        return {
          events: events.map(({ event, ...rest }) => ({
            ...rest,
            event: { ...(event as JsonObject), entity_id: "c" },
          })),
        };
      };
      expect(await refusal(numbers(client.entityEvents("order", "a/b")))).to.be.instanceOf(CheckError);
      server.lie = (_path, answer) => ({ ...(answer as JsonObject) });
      expect(await refusal(client.eventById(uuid(99)))).to.be.instanceOf(SequencerRefusal);
    });

    it("with a gap, another order, or in another's place are refused", async () => {
      for (const change of [
        (events: Json[]) => events.toSpliced(1, 1),
        (events: Json[]) => events.toReversed(),
        (events: Json[]) => events.with(2, events[1] ?? null),
      ]) {
        server.lie = (_path, answer) => ({ events: change((answer as { events: Json[] }).events) });
        expect(await refusal(numbers(client.events()))).to.be.instanceOf(CheckError);
      }
      server.lie = (_path, answer) => {
        const { event } = answer as { event: JsonObject };
        return { event: { ...event, sequence_number: "1" } };
      };
      expect(await refusal(client.event(3n))).to.be.instanceOf(CheckError);
    });

    it("that are none are the sequencer's fault, not the caller's", async () => {
      server.lie = () => ({ events: [{ event: { ves_version: 4, sequence_number: "1" } }] });
      const error = await refusal(numbers(client.events()));
      expect(error).to.be.instanceOf(CheckError);
      expect(error.message).to.include("events[0].event.ves_version: expected 1, 2 or 3");
    });

    it("whose payload was erased still have their place and their leaf", async () => {
      server.lie = (path, answer) => {
        if (path !== "/events/2") return answer;
        const { event, ...rest } = answer as { event: JsonObject };
        const { payload, ...others } = event;
        return { ...rest, event: { ...others, payload_erased: true } };
      };
      const logged = await client.event(2n);
      expect(logged.missing).to.equal("erased");
      expect((await client.inclusion(logged)).checkpoint.size).to.equal(5n);
    });
  });

  describe("a tail", () => {
    it("goes on through cuts and restarts, each event once and in order", async () => {
      server.tailLength = 2;
      const tail = client.tail();
      const first = await numbers(tail, 5);
      expect(first).to.deep.equal([1, 2, 3, 4, 5]);
      const streams = server.asked.filter((each) => each.includes("/events/stream"));
      expect(streams.map((each) => each.replace(/.*\?/, ""))).to.deep.equal(["from=1", "from=3", "from=5"]);
    });

    it("waits for what is still to come", async () => {
      const seen: number[] = [];
      for await (const { sequence } of client.tail({ from: 5n })) {
        seen.push(Number(sequence));
        if (seen.length === 3) break;
        await server.take(await makeEvent(5 + seen.length));
      }
      expect(seen).to.deep.equal([5, 6, 7]);
    });

    it("survives refusals that pass, and ends with others", async () => {
      server.faults = [{ status: 503 }, "cut before", undefined];
      expect(await numbers(client.tail(), 1)).to.deep.equal([1]);
      server.faults = [{ status: 403 }];
      expect(await refusal(numbers(client.tail()))).to.be.instanceOf(SequencerRefusal);
      server.faults = new Array(9).fill({ status: 503 });
      expect(await refusal(numbers(client.tail()))).to.be.instanceOf(UnavailableError);
    });

    it("does not pass over an event that is left out", async () => {
      server.lie = (path, answer) => {
        if (path !== "/events/stream") return answer;
        const { event } = answer as { event: JsonObject };
        return {
          ...(answer as JsonObject),
          event: { ...event, sequence_number: event.sequence_number === "2" ? "3" : "1" },
        };
      };
      const error = await refusal(numbers(client.tail()));
      expect(error).to.be.instanceOf(CheckError);
    });

    it("comes back when nothing is heard for a while", async () => {
      const seen = await numbers(client.tail({ from: 5n, idle: 20 }), 1);
      expect(seen).to.deep.equal([5]);
      const controller = new AbortController();
      const tail = client.tail({ from: 6n, idle: 20, signal: controller.signal });
      const next = tail.next();
      while (server.asked.filter((each) => each.includes("from=6")).length < 7) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const reason = new Error("enough");
      controller.abort(reason);
      expect(await refusal(next)).to.equal(reason);
    });

    it("ends at once when it is told to, with that reason", async () => {
      const controller = new AbortController();
      const next = client.tail({ from: 6n, signal: controller.signal }).next();
      const reason = new Error("enough");
      setTimeout(() => controller.abort(reason), 20);
      expect(await refusal(next)).to.equal(reason);
    });
  });

  describe("a checkpoint", () => {
    it("is the log's, of this stream, and continues what was kept", async () => {
      const old = await client.checkpoint();
      expect(old.size).to.equal(5n);
      expect(await client.checkpoint(old)).to.deep.include({ size: 5n });
      await server.take(await makeEvent(6));
      expect(await client.checkpoint(old)).to.deep.include({ size: 6n, origin: old.origin });
    });

    it("that does not continue what was kept is refused, however it does not", async () => {
      const old = await client.checkpoint();
      const root = new Uint8Array(32).fill(7);
      expect((await refusal(client.checkpoint({ ...old, root }))).message).to.equal(
        "the log has two heads of 5 events",
      );
      expect((await refusal(client.checkpoint({ ...old, size: 9n }))).message).to.equal(
        "the log shrank from 9 to 5 events",
      );
      await server.take(await makeEvent(6));
      const error = await refusal(client.checkpoint({ ...old, root }));
      expect(error).to.be.instanceOf(CheckError).with.property("message").that.includes("consistency");
    });

    it("by another key than the log's is refused", async () => {
      const pinned = createClient({
        ...options,
        url: server.url,
        checkpointKeys: [RECEIPT_SIGNER.publicKey],
      });
      expect(await refusal(pinned.checkpoint())).to.be.instanceOf(CheckError);
    });

    it("of another stream is refused", async () => {
      server.stream = { tenant: TENANT, store: uuid(1) };
      expect((await refusal(client.checkpoint())).message).to.include("of another stream");
    });
  });

  describe("inclusion", () => {
    it("is proved from the event itself", async () => {
      const event = await makeEvent(4);
      const { checkpoint, proof } = await client.inclusion({ sequence: 4n, event });
      expect(proof).to.deep.include({ index: 3n, size: 5n });
      expect(toHex(checkpoint.root)).to.have.length(66);
    });

    it("of another event, at another place, or by another path is refused", async () => {
      expect(await refusal(client.inclusion({ sequence: 4n, event: await makeEvent(3) }))).to.be.instanceOf(
        CheckError,
      );
      expect(await refusal(client.inclusion({ sequence: 3n, event: await makeEvent(4) }))).to.be.instanceOf(
        CheckError,
      );
      const event = await makeEvent(4);
      for (const change of [{ path: [] }, { size: "4" }, { path: ["0x00"] }]) {
        server.lie = (path, answer) =>
          path === "/proofs/inclusion" ? { ...(answer as JsonObject), ...change } : answer;
        expect(await refusal(client.inclusion({ sequence: 4n, event }))).to.be.instanceOf(CheckError);
      }
    });

    it("cannot be had before a checkpoint reaches the event", async () => {
      const error = await refusal(client.inclusion({ sequence: 6n, event: await makeEvent(6) }));
      expect(error).to.be.instanceOf(UnavailableError);
    });
  });
});
