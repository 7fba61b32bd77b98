import { x25519 } from "@noble/curves/ed25519.js";
import { expect } from "chai";
import { CheckError, InputError, RefusedError, UnavailableError } from "../../src/core/errors.ts";
import type { Json } from "../../src/core/json.ts";
import {
  type Client,
  type ClientOptions,
  createClient,
  openPayload,
  type Receipt,
  type RetryPolicy,
  receiptToJson,
  SequencerRefusal,
} from "../../src/sdk/index.ts";
import { AGENT, makeEvent, STORE, TENANT, uuid } from "../core/log/support.ts";
import { CHECKPOINT_SIGNER, RECEIPT_SIGNER, StandIn, TOKEN, wire } from "./support/stand-in.ts";

const QUICK: Partial<RetryPolicy> = {
  attempts: 5,
  firstPause: 1,
  longestPause: 4,
  longestWait: 2000,
  timeout: 5000,
};
const DRAFT = { entityType: "order", entityId: "1", eventType: "order.paid", payload: { amount: "12.50" } };

type JsonObject = { [name: string]: Json };

describe("sdk", () => {
  let server: StandIn;
  let url: string;
  const clientOf = (more: Partial<ClientOptions> = {}): Client =>
    createClient({
      url,
      credential: TOKEN,
      tenant: TENANT,
      store: STORE,
      agent: { id: uuid(0xcccc), keyId: 1, signer: AGENT },
      retry: QUICK,
      ...more,
    });

  beforeEach(async () => {
    server = new StandIn();
    url = await server.listen();
  });
  afterEach(() => server.close());

  async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
    const all: T[] = [];
    for await (const each of items) all.push(each);
    return all;
  }

  async function refusal(work: Promise<unknown>): Promise<Error> {
    return work.then(
      () => expect.fail("it was not refused"),
      (error: Error) => error,
    );
  }

  /** Changes one field of an answer to a path. */
  const lieAbout = (at: string, change: (answer: JsonObject) => JsonObject): void => {
    server.lie = (path, answer) => (path === at ? change(answer as JsonObject) : answer);
  };

  describe("sending an event", () => {
    it("gives its place, on a receipt that was checked", async () => {
      const client = clientOf();
      const event = await client.build(DRAFT);
      const { sequence, duplicate, receipt, entityVersion } = await client.send(event);
      expect({ sequence, duplicate, entityVersion }).to.deep.equal({
        sequence: 1n,
        duplicate: false,
        entityVersion: 1n,
      });
      expect(receipt.eventId).to.equal(event.eventId);
      expect(await client.receipt(event)).to.deep.equal(receipt);
    });

    it("seals the payload to its readers", async () => {
      const privateKey = new Uint8Array(32).fill(3);
      const readers = [{ kid: 5, publicKey: x25519.getPublicKey(privateKey) }];
      const event = await clientOf().build({ ...DRAFT, readers });
      expect(wire(event)).to.not.include("12.50");
      expect((await openPayload(event, 5, privateKey)).payload).to.deep.equal(DRAFT.payload);
    });

    for (const fault of ["cut before", "cut after", "no JSON", { status: 503 }, { status: 500 }] as const) {
      it(`once, whatever becomes of the first tries: ${JSON.stringify(fault)}`, async () => {
        const client = clientOf();
        const event = await client.build(DRAFT);
        server.faults = [fault, fault, fault];
        const { sequence, duplicate } = await client.send(event);
        expect(sequence).to.equal(1n);
        expect(duplicate).to.equal(fault === "cut after" || fault === "no JSON");
        expect(server.entries).to.have.length(1);
        expect(new Set(server.bodies)).to.deep.equal(new Set([wire(event)]));
        expect(server.bodies).to.have.length(4);
      });
    }

    it("gives up after as many tries as it is told, and says that it may be sent again", async () => {
      const event = await makeEvent(1);
      server.faults = new Array(99).fill({ status: 503 });
      const error = await refusal(clientOf().send(event));
      expect(error).to.be.instanceOf(UnavailableError);
      expect(error.message).to.include("(tried 5 times)");
      expect((error as UnavailableError).next).to.include("may be sent any number of times");
      expect(server.bodies).to.have.length(5);
    });

    it("waits as long as the server asks, in seconds or to a date, but not without limit", async () => {
      const event = await makeEvent(1);
      const before = Date.now();
      server.faults = [{ status: 429, retryAfter: "1" }];
      await clientOf().send(event);
      expect(Date.now() - before).to.be.at.least(990);
      for (const retryAfter of ["3600", new Date(Date.now() + 3_600_000).toUTCString()]) {
        server.faults = [{ status: 429, retryAfter }];
        const error = await refusal(clientOf().send(event));
        expect(error).to.be.instanceOf(UnavailableError);
        expect(error.message).to.match(/which asks to wait (3600|3599) s \(tried 1 time\)$/);
      }
    });

    it("does not repeat what is refused, and tells code, status and place", async () => {
      server.faults = [{ status: 422 }];
      const error = await refusal(clientOf().send(await makeEvent(1)));
      expect(error).to.be.instanceOf(SequencerRefusal).and.to.be.instanceOf(RefusedError);
      expect(error).to.include({ status: 422, code: "code-422" });
      expect((error as SequencerRefusal).pointers).to.deep.equal(["#/entity_type"]);
      expect(server.bodies).to.have.length(1);
    });

    it("ends when the caller gives up, with the caller's reason", async () => {
      server.faults = new Array(99).fill({ status: 503 });
      const controller = new AbortController();
      const reason = new Error("enough");
      const sending = clientOf({ retry: { ...QUICK, attempts: 999, longestPause: 50 } }).send(
        await makeEvent(1),
        controller.signal,
      );
      setTimeout(() => controller.abort(reason), 30);
      expect(await refusal(sending)).to.equal(reason);
    });

    it("refuses an event of another stream before anything is sent", async () => {
      const error = await refusal(
        Promise.resolve().then(async () => clientOf({ store: uuid(7) }).send(await makeEvent(1))),
      );
      expect(error).to.be.instanceOf(InputError).with.property("message").that.includes("store_id: expected");
      expect(server.asked).to.deep.equal([]);
    });
  });

  describe("a receipt", () => {
    for (const field of [
      "event_id",
      "tenant_id",
      "store_id",
      "signing_hash",
      "receipt_hash",
      "receipt_signature",
    ]) {
      it(`with another ${field} is not taken for this event's`, async () => {
        const other = await server.take(await makeEvent(2));
        lieAbout("/events", (answer) => ({
          ...answer,
          receipt: { ...(answer.receipt as JsonObject), [field]: otherValue(field, other.entry) },
        }));
        const error = await refusal(clientOf().send(await makeEvent(1)));
        expect(error).to.be.instanceOf(CheckError);
        expect(server.bodies).to.have.length(1);
      });
    }

    it("for another place or time is refused", async () => {
      for (const change of [{ sequence_number: "7" }, { sequenced_at: "2020-01-01T00:00:00.000Z" }]) {
        lieAbout("/events", (answer) => ({
          ...answer,
          receipt: { ...(answer.receipt as JsonObject), ...change },
        }));
        expect(await refusal(clientOf().send(await makeEvent(1)))).to.be.instanceOf(CheckError);
      }
    });

    it("is checked with pinned keys, whatever the server publishes", async () => {
      const pinned = clientOf({ receiptKeys: new Map([[1, CHECKPOINT_SIGNER.publicKey]]) });
      expect((await refusal(pinned.send(await makeEvent(1)))).message).to.include(
        "does not hold under receipt key 1",
      );
      const right = clientOf({ receiptKeys: new Map([[1, RECEIPT_SIGNER.publicKey]]) });
      await right.send(await makeEvent(1));
      expect(server.asked.filter((each) => each.includes("/keys"))).to.deep.equal([]);
    });

    it("by a key that came later is checked with the keys read anew, once", async () => {
      const client = clientOf();
      await client.send(await makeEvent(1));
      server.receiptKeyId = 2;
      await client.send(await makeEvent(2));
      await client.send(await makeEvent(3));
      expect(server.asked.filter((each) => each === "GET /v1/keys")).to.have.length(2);
    });
  });

  describe("sending many", () => {
    const many = (count: number) => Promise.all(Array.from({ length: count }, (_, i) => makeEvent(i + 1)));

    it("tells of each, in order, in few requests", async () => {
      const events = await many(25);
      const outcomes = await collect(clientOf().sendMany(events, { events: 10 }));
      expect(outcomes.map((each) => "sent" in each && each.sent.sequence)).to.deep.equal(
        events.map((_, i) => BigInt(i + 1)),
      );
      expect(server.bodies.map((body) => body.trimEnd().split("\n").length)).to.deep.equal([10, 10, 5]);
    });

    it("keeps a request within its bytes", async () => {
      const events = await many(6);
      const size = wire(events[0] ?? (await makeEvent(1))).length + 1;
      await collect(clientOf().sendMany(events, { bytes: 2 * size + 1 }));
      expect(server.bodies).to.have.length(3);
    });

    it("sends in halves what is larger than this server takes, and tells of an event that is too large alone", async () => {
      const events = await many(8);
      server.mostLines = 3;
      const outcomes = await collect(clientOf().sendMany(events));
      expect(outcomes.map((each) => "sent" in each && each.sent.sequence)).to.deep.equal(
        events.map((_, i) => BigInt(i + 1)),
      );
      server.mostLines = 0;
      const [outcome] = await collect(clientOf().sendMany(events.slice(0, 2)));
      expect(outcome && "error" in outcome && outcome.error).to.include({ status: 413 });
    });

    it("goes on behind a refused one, and sends again those it was too busy for", async () => {
      const events = await many(4);
      server.lineFaults.set(uuid(2), [422]);
      server.lineFaults.set(uuid(3), [503, 429]);
      const outcomes = await collect(clientOf().sendMany(events));
      expect(outcomes.map(({ event }) => event.eventId)).to.deep.equal(events.map(({ eventId }) => eventId));
      expect(
        outcomes.map((each) => ("sent" in each ? each.sent.sequence : each.error.constructor.name)),
      ).to.deep.equal([1n, "SequencerRefusal", 3n, 2n]);
      expect(server.bodies.map((body) => body.trimEnd().split("\n").length)).to.deep.equal([4, 1, 1]);
    });

    it("has each once when the answer breaks off half way", async () => {
      const events = await many(10);
      server.faults = ["cut after"];
      const outcomes = await collect(clientOf().sendMany(events));
      expect(outcomes.every((each) => "sent" in each && each.sent.duplicate)).to.equal(true);
      expect(server.entries).to.have.length(10);
    });

    it("asks again for lines that the answer leaves out, and refuses one that stands twice", async () => {
      const events = await many(3);
      let lies = 1;
      server.lie = (_path, answer) => (lies-- > 0 && Array.isArray(answer) ? answer.slice(0, 2) : answer);
      expect(await collect(clientOf().sendMany(events))).to.have.length(3);
      expect(server.bodies).to.have.length(2);
      server.lie = (_path, answer) => (Array.isArray(answer) ? ([answer[0], answer[0]] as Json[]) : answer);
      expect(await refusal(collect(clientOf().sendMany(events)))).to.be.instanceOf(CheckError);
    });

    it("does not take one event's receipt for another's", async () => {
      const events = await many(2);
      server.lie = (_path, answer) => {
        if (!Array.isArray(answer)) return answer;
        const [a, b] = answer as JsonObject[];
        return [
          { ...b, line: 1 },
          { ...a, line: 2 },
        ] as Json[];
      };
      const outcomes = await collect(clientOf().sendMany(events));
      expect(outcomes.map((each) => "error" in each && each.error.constructor.name)).to.deep.equal([
        "CheckError",
        "CheckError",
      ]);
    });
  });

  describe("an agent's key", () => {
    it("is registered with the proof that the agent has it; again, it is so already", async () => {
      const client = clientOf();
      await client.openStream();
      server.bodies.length = 0;
      await client.registerKey();
      server.faults = ["cut before"];
      await client.registerKey();
      expect(JSON.parse(server.bodies[0] ?? "")).to.have.keys("key_id", "public_key", "proof");
    });

    it("whose number another key has is refused", async () => {
      server.keys.set(uuid(0xcccc), { key_id: 1, public_key: `0x${"11".repeat(32)}` });
      expect(await refusal(clientOf().registerKey())).to.include({ status: 409 });
    });
  });

  describe("opening a client", () => {
    it("refuses what would give the credential away", async () => {
      expect(() => clientOf({ url: "http://log.example" })).to.throw(RefusedError, "unencrypted");
      expect(() => clientOf({ url: "https://user:secret@log.example" })).to.throw(
        InputError,
        /without a user/,
      );
      expect(() => clientOf({ url: "log.example" })).to.throw(InputError);
      expect(() => clientOf({ tenant: "acme" })).to.throw(InputError, "tenant: expected a UUID");
      const error = await refusal(clientOf({ credential: "sec ret\n" }).head());
      expect(error.message).to.include("credential").and.not.include("ret");
    });

    it("takes each request's credential from its source", async () => {
      let asked = 0;
      const client = clientOf({
        credential: async () => {
          asked += 1;
          return TOKEN;
        },
      });
      await client.head();
      await client.head();
      expect(asked).to.equal(2);
    });

    it("does not send the credential to another place, nor with what is published", async () => {
      const seen: (string | null)[] = [];
      const client = clientOf({
        fetch: async (input, init) => {
          seen.push(new Headers(init?.headers).get("authorization"));
          expect(init?.redirect).to.equal("error");
          return fetch(input, init);
        },
      });
      await client.publishedKeys();
      expect(seen).to.deep.equal([null]);
    });
  });
});

/** The value that another event's receipt has there. */
function otherValue(field: string, { receipt }: { readonly receipt: Receipt }): Json {
  return receiptToJson(receipt)[field] === TENANT || field === "store_id"
    ? uuid(2)
    : (receiptToJson(receipt)[field] ?? null);
}
