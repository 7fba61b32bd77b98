import { expect } from "chai";
import { bindAgent, unbindAgent } from "../../../src/aleo/bridge/bind.ts";
import { readBindings } from "../../../src/aleo/bridge/log.ts";
import { sendRecords } from "../../../src/aleo/bridge/records.ts";
import {
  ALEO_EVENTS,
  ALEO_SCHEMAS,
  type AleoSigner,
  BINDINGS_ENTITY,
  type BindingPlace,
  bindingsEntityId,
  bindingToJson,
  parseStakeRecord,
  parseTrustRecord,
  RECORDS_ENTITY,
  recordCommandId,
  recordToJson,
} from "../../../src/core/aleo/index.ts";
import { CheckError } from "../../../src/core/errors.ts";
import type { Json } from "../../../src/core/json.ts";
import { SequencerRefusal } from "../../../src/sdk/index.ts";
import { aleoSigner, VECTORS } from "../../core/aleo/support.ts";
import { startWorld, type Tenant, type World } from "../../services/sequencer/world.ts";
import { newAgent, placeOf, type StreamAgent } from "./support.ts";

const DAY = 86_400n;

describe("aleo: bindings in the log", function () {
  this.timeout(60_000);
  let world: World;
  let tenant: Tenant;
  let alice: StreamAgent;
  let bob: StreamAgent;
  let account: AleoSigner;
  let other: AleoSigner;

  before(async () => {
    world = await startWorld();
    [account, other] = [await aleoSigner(7), await aleoSigner(8)];
  });
  after(() => world?.close());
  beforeEach(async () => {
    tenant = await world.newTenant();
    alice = await newAgent(world, tenant);
    bob = await newAgent(world, tenant);
  });

  const bind = (who: StreamAgent, signer: AleoSigner) => bindAgent(who.work, who.agent, signer, DAY);
  const read = (who: StreamAgent, place: BindingPlace = who.work.place) =>
    readBindings(who.client, place, who.work.signatures);
  const boundTo = async (who: StreamAgent): Promise<string | undefined> =>
    (await read(who)).book.ofAgent(who.agent.id, BigInt(Date.now()))?.binding.aleoAddress;
  const write = async (who: StreamAgent, payload: Json, eventType: string = ALEO_EVENTS.bound) => {
    const draft = {
      entityType: BINDINGS_ENTITY,
      entityId: bindingsEntityId(who.work.place),
      eventType,
      payload,
    };
    return await who.client.send(await who.client.build(draft));
  };
  const fails = async (work: Promise<unknown>, why: string): Promise<void> => {
    const error = await work.then(
      () => undefined,
      (cause: unknown) => cause,
    );
    expect(error).to.be.instanceOf(CheckError);
    expect(error).to.have.property("message").that.includes(why);
  };

  it("an agent is bound, once however often it asks, unbound, and bound again with the next nonce", async () => {
    const first = await bind(alice, account);
    expect([first.already, first.record.binding.nonce]).to.deep.equal([false, 1n]);
    expect(await bind(alice, account)).to.deep.equal({ record: first.record, already: true });
    expect(await boundTo(alice)).to.equal(account.address);
    await fails(bind(alice, other), "was not unbound");
    await fails(bind(bob, account), `is bound to agent ${alice.agent.id}`);
    await unbindAgent(alice.work, alice.agent.id);
    expect(await boundTo(alice)).to.equal(undefined);
    await fails(unbindAgent(alice.work, alice.agent.id), "is not bound");
    expect((await bind(alice, other)).record.binding.nonce).to.equal(2n);
    expect((await bind(bob, account)).record.binding.nonce).to.equal(1n);
    expect((await read(bob)).book.bindings(BigInt(Date.now()))).to.have.length(2);
  });

  it("of two agents that want one account at once, one gets it and the other is told", async () => {
    const outcomes = await Promise.allSettled([bind(alice, account), bind(bob, account)]);
    expect(outcomes.map(({ status }) => status).sort()).to.deep.equal(["fulfilled", "rejected"]);
    const { book, verdicts } = await read(alice);
    expect(book.ofAddress(account.address, BigInt(Date.now()))).to.not.equal(undefined);
    expect(verdicts.map(({ kind }) => kind)).to.deep.equal(["bound"]);
  });

  it("the account ends it without the agent, by any agent's event; another account does not", async () => {
    await bind(alice, account);
    await fails(unbindAgent(bob.work, alice.agent.id, other), `is bound to ${account.address}`);
    await fails(
      unbindAgent(bob.work, alice.agent.id),
      "does not count: neither the agent nor the Aleo account",
    );
    expect(await boundTo(alice)).to.equal(account.address);
    await unbindAgent(bob.work, alice.agent.id, account);
    expect(await boundTo(alice)).to.equal(undefined);
  });

  it("what was signed for one stream counts in no other, nor twice, nor under another network's name", async () => {
    const { record } = await bind(alice, account);
    const elsewhere = await world.newTenant();
    const twin = await newAgent(world, elsewhere, alice.agent.id);
    await write(twin, bindingToJson(record.binding));
    await unbindAgent(alice.work, alice.agent.id);
    await write(alice, bindingToJson(record.binding));
    await write(alice, { ...bindingToJson(record.binding), network: "mainnet" });
    const reasons = async (who: StreamAgent) =>
      (await read(who)).verdicts.flatMap((verdict) => (verdict.kind === "refused" ? [verdict.reason] : []));
    expect((await reasons(twin))[0]).to.include("another one");
    const [replayed, renamed] = await reasons(alice);
    expect(replayed).to.include("nonce 1 was used");
    expect(renamed).to.include("it is for mainnet");
    expect([await boundTo(alice), await boundTo(twin)]).to.deep.equal([undefined, undefined]);
    // The other network's bindings are another entity, which none of these is in.
    expect((await read(alice, placeOf(tenant, { network: "mainnet" }))).verdicts).to.deep.equal([]);
  });

  it("a forged event is in the log and counts for nothing, and honest ones go on after it", async () => {
    const { record } = await bind(alice, account);
    const forged = { ...record.binding, agentId: bob.agent.id, agentKeyId: 1 };
    await write(bob, bindingToJson(forged));
    await write(bob, { nothing: 1 });
    await write(bob, bindingToJson(forged), "aleo.identity.stolen");
    expect(await boundTo(bob)).to.equal(undefined);
    expect((await bind(bob, other)).record.binding.nonce).to.equal(1n);
    expect(await boundTo(alice)).to.equal(account.address);
  });

  it("an expired binding counts no more, and its account is free", async () => {
    const early = { ...alice.work, now: () => Date.now() - 10_000 };
    await fails(bindAgent(early, alice.agent, account, 5n), "it expired at");
    await bindAgent(alice.work, alice.agent, account, 1n);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect(await boundTo(alice)).to.equal(undefined);
    await bind(bob, account);
  });

  it("a revoked key's events do not count, and what it bound before stays", async () => {
    const { record } = await bind(alice, account);
    const path = `/v1/stores/${tenant.storeId}/agents/${alice.agent.id}/keys/1/revoke`;
    const body = { reason: "lost" };
    expect(
      (await world.call(path, { method: "POST", credential: tenant.credential, body })).status,
    ).to.be.lessThan(300);
    expect(await boundTo(alice)).to.equal(account.address);
    await unbindAgent(bob.work, alice.agent.id, account);
    const refusal = await write(alice, bindingToJson(record.binding)).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(SequencerRefusal).with.property("code", "key-revoked");
  });

  it("the sequencer holds payloads to the schemas, once they are registered", async () => {
    for (const [type, schema] of Object.entries(ALEO_SCHEMAS)) {
      const answer = await world.call(`/v1/schemas/${type}`, {
        method: "PUT",
        credential: tenant.credential,
        body: { schema },
      });
      expect(answer.status, answer.text).to.be.lessThan(300);
    }
    await bind(alice, account);
    const refusal = await write(bob, { nothing: 1 }).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(SequencerRefusal).with.property("code", "schema-mismatch");
  });

  it("a ledger's fact is recorded once, however often and by whomever; a lie in its place is found", async () => {
    const records = [
      parseTrustRecord({ ...VECTORS.trust, agent_id: alice.agent.id }),
      parseTrustRecord({ ...VECTORS.trust, agent_id: alice.agent.id, execution_id: "12346" }),
      parseStakeRecord({ ...VECTORS.stake, agent_id: alice.agent.id }),
    ];
    const first = await sendRecords(alice.client, records);
    expect(first.map(({ already }) => already)).to.deep.equal([false, false, false]);
    const again = await sendRecords(bob.client, records);
    expect(again.map(({ already }) => already)).to.deep.equal([true, true, true]);
    let kept = 0;
    for await (const _ of alice.client.entityEvents(RECORDS_ENTITY, alice.agent.id)) kept += 1;
    expect(kept).to.equal(3);

    const next = parseStakeRecord({
      ...VECTORS.stake,
      agent_id: bob.agent.id,
      transition_id: OTHER_TRANSITION,
    });
    const draft = {
      entityType: RECORDS_ENTITY,
      entityId: bob.agent.id,
      eventType: ALEO_EVENTS.stake,
      payload: { ...recordToJson(next), amount: "1" },
      commandId: recordCommandId(next, 0),
    };
    await bob.client.send(await bob.client.build(draft));
    await fails(sendRecords(alice.client, [next]), "says something else");
  });
});

/** bech32m of 32 zero bytes. */
const OTHER_TRANSITION = "au1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq8yygwk";
