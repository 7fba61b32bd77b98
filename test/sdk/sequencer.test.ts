import { x25519 } from "@noble/curves/ed25519.js";
import { expect } from "chai";
import {
  type Client,
  type ClientOptions,
  createClient,
  generateSecretKey,
  openPayload,
  SequencerRefusal,
  secretSigner,
  verifyEvent,
  verifyReceipt,
} from "../../src/sdk/index.ts";
import { startWorld, type Tenant, type World } from "../services/sequencer/world.ts";

const DRAFT = { entityType: "order", entityId: "17", eventType: "order.paid", payload: { amount: "12.50" } };

describe("the SDK and the sequencer", function () {
  this.timeout(60_000);
  let world: World;
  let tenant: Tenant;
  const clientOf = (more: Partial<ClientOptions> = {}): Client =>
    createClient({
      url: world.url(),
      credential: tenant.credential,
      tenant: tenant.tenant,
      store: tenant.storeId,
      agent: { id: tenant.agent.id, keyId: tenant.agent.keyId, signer: tenant.agent.signer },
      retry: { firstPause: 20, longestPause: 200 },
      ...more,
    });

  before(async () => {
    world = await startWorld();
  });
  after(() => world?.close());
  beforeEach(async () => {
    tenant = await world.newTenant();
  });

  async function collect<T>(items: AsyncIterable<T>, count = Number.POSITIVE_INFINITY): Promise<T[]> {
    const all: T[] = [];
    for await (const each of items) if (all.push(each) >= count) break;
    return all;
  }

  it("an agent is registered, sends once however often it sends, and proves that its event is there", async () => {
    const agent = { id: crypto.randomUUID(), keyId: 1, signer: secretSigner(generateSecretKey()) };
    const client = clientOf({ agent });
    await client.openStream();
    await client.registerKey();
    await client.registerKey();
    const event = await client.build(DRAFT);
    const first = await client.send(event);
    const again = await client.send(event);
    expect(again).to.deep.equal({ ...first, duplicate: true });
    expect(await client.receipt(event)).to.deep.equal(first.receipt);
    const { checkpoint } = await client.inclusion({ sequence: first.sequence, event });
    await client.send(await client.build({ ...DRAFT, baseVersion: 1n }));
    expect((await client.checkpoint(checkpoint)).size).to.equal(checkpoint.size + 1n);
  });

  it("what was sent is read back as it was, by place, id, entity and page, and holds", async () => {
    const client = clientOf();
    const events = await Promise.all(
      [..."abcabcabca"].map((entityId) => client.build({ ...DRAFT, entityId })),
    );
    const outcomes = await collect(client.sendMany(events, { events: 4 }));
    expect(outcomes.every((each) => "sent" in each)).to.equal(true);
    const logged = await collect(client.events({ page: 3 }));
    const { receipt: keys } = await client.publishedKeys();
    for (const { event, receipt, missing } of logged) {
      if (missing !== undefined || receipt === undefined) throw new Error("nothing is missing here");
      verifyReceipt(receipt, event, keys);
      if (event.sourceAgentId === tenant.agent.id) verifyEvent(event, tenant.agent.signer.publicKey);
    }
    expect(BigInt(logged.length)).to.equal((await client.head()).sequence);
    expect(await collect(client.entityEvents("order", "a"))).to.have.length(4);
    const [one] = events;
    if (one === undefined) throw new RangeError();
    const found = await client.eventById(one.eventId);
    expect(found.event).to.deep.equal(one);
    expect(await client.event(found.sequence)).to.deep.equal(found);
  });

  it("a sealed payload comes back sealed, and its reader opens it", async () => {
    const privateKey = new Uint8Array(32).fill(9);
    const readers = [{ kid: 4, publicKey: x25519.getPublicKey(privateKey) }];
    const client = clientOf();
    const { sequence } = await client.send(await client.build({ ...DRAFT, readers }));
    const { event, missing } = await client.event(sequence);
    if (missing !== undefined) throw new Error("nothing is missing here");
    expect((await openPayload(event, 4, privateKey)).payload).to.deep.equal(DRAFT.payload);
  });

  it("a tail goes on through a restart of the service, each event once", async () => {
    // Here the service comes back on another port; elsewhere a name stays the same.
    const client = clientOf({
      fetch: (input, init) => {
        const { pathname, search } = new URL(String(input));
        return fetch(new URL(pathname + search, world.url()), init);
      },
    });
    const { sequence } = await client.send(await client.build(DRAFT));
    const seen: bigint[] = [];
    for await (const logged of client.tail({ from: sequence })) {
      seen.push(logged.sequence);
      if (seen.length === 3) break;
      if (seen.length === 1) await world.restart();
      await client.send(await client.build(DRAFT));
    }
    expect(seen).to.deep.equal([sequence, sequence + 1n, sequence + 2n]);
  });

  it("refusals come with their code, one event's not with another's", async () => {
    const client = clientOf();
    const good = await client.build(DRAFT);
    const conflict = await client.build({ ...DRAFT, baseVersion: 99n });
    const stranger = await clientOf({
      agent: { id: tenant.agent.id, keyId: tenant.agent.keyId, signer: secretSigner(generateSecretKey()) },
    }).build({ ...DRAFT, entityId: "18" });
    const outcomes = await collect(client.sendMany([conflict, good, stranger]));
    const told = outcomes.map((each) =>
      "sent" in each ? "sent" : each.error instanceof SequencerRefusal && each.error.code,
    );
    expect(told).to.deep.equal(["base-version-conflict", "sent", "signature-invalid"]);
  });
});
