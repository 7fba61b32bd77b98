import { expect } from "chai";
import { aleoSignatures } from "../../../src/aleo/signatures.ts";
import {
  ALEO_EVENTS,
  type AleoBinding,
  type AleoSignatures,
  type AleoSigner,
  BINDINGS_ENTITY,
  BindingBook,
  type BindingPlace,
  type BindingVerdict,
  bindingHash,
  bindingsEntityId,
  bindingToJson,
  signBinding,
  unbindingHash,
  unbindingToJson,
} from "../../../src/core/aleo/index.ts";
import type { Json } from "../../../src/core/json.ts";
import { buildEvent, type EventFields, type EventSigner, streamId } from "../../../src/core/log/index.ts";
import { STORE, TENANT, uuid } from "../log/support.ts";
import { agentSigner, aleoSigner } from "./support.ts";

const PLACE: BindingPlace = {
  network: "testnet",
  program: "agent_registry_v3.aleo",
  streamId: streamId(TENANT, STORE),
};
/** 2026-01-30, in seconds. */
const NOW = 1_769_774_400n;
const HOUR = 3_600n;

interface TestAgent {
  readonly id: string;
  readonly signer: EventSigner;
}

const ALICE: TestAgent = { id: uuid(1), signer: agentSigner(1) };
const BOB: TestAgent = { id: uuid(2), signer: agentSigner(2) };

/** How an event differs from a good one. */
interface Odd {
  readonly from?: TestAgent;
  readonly time?: bigint;
  readonly fields?: Partial<EventFields>;
  readonly key?: Uint8Array | undefined;
}

describe("aleo: the book of bindings", () => {
  let signatures: AleoSignatures;
  let accounts: readonly [AleoSigner, AleoSigner];
  let book: BindingBook;
  let sequence: bigint;

  before(async () => {
    signatures = await aleoSignatures();
    accounts = [await aleoSigner(7), await aleoSigner(8)];
  });
  beforeEach(() => {
    book = new BindingBook(PLACE, signatures);
    sequence = 0n;
  });

  const sign = (
    agent: TestAgent,
    account: AleoSigner,
    more: Partial<AleoBinding> = {},
  ): Promise<AleoBinding> =>
    signBinding(
      { ...PLACE, agentId: agent.id, nonce: 1n, expiry: NOW + HOUR, ...more },
      { keyId: more.agentKeyId ?? 1, signer: agent.signer },
      account,
      signatures,
    );

  async function take(
    eventType: string,
    payload: Json,
    sender: TestAgent,
    odd: Odd,
  ): Promise<BindingVerdict> {
    const { time = NOW, fields, from = sender } = odd;
    sequence += 1n;
    const event = await buildEvent(
      {
        vesVersion: 3,
        eventId: uuid(Number(sequence)),
        tenantId: TENANT,
        storeId: STORE,
        sourceAgentId: from.id,
        agentKeyId: 1,
        entityType: BINDINGS_ENTITY,
        entityId: bindingsEntityId(PLACE),
        eventType,
        createdAt: "2026-01-30T12:00:00Z",
        payloadKind: 0,
        payload,
        ...fields,
      } as EventFields,
      from.signer,
    );
    const agentKey = "key" in odd ? odd.key : from.signer.publicKey;
    return book.take({ sequence, sequencedAt: time * 1000n, event, agentKey });
  }

  const bind = (binding: AleoBinding, agent: TestAgent, odd: Odd = {}): Promise<BindingVerdict> =>
    take(ALEO_EVENTS.bound, bindingToJson(binding), agent, odd);
  const unbind = (binding: AleoBinding, agent: TestAgent, aleoSignature?: string, odd: Odd = {}) => {
    const unbinding = { ...binding, bindingHash: bindingHash(binding) };
    const { aleoSignature: _, ...said } = unbinding;
    const whole = aleoSignature === undefined ? said : { ...said, aleoSignature };
    return take(ALEO_EVENTS.unbound, unbindingToJson(whole), agent, odd);
  };
  const boundTo = (agent: TestAgent, time = NOW): string | undefined =>
    book.ofAgent(agent.id, time * 1000n)?.binding.aleoAddress;
  const refused = (verdict: BindingVerdict, why: string): void => {
    expect(verdict).to.have.property("kind", "refused");
    expect(verdict).to.have.property("reason").that.includes(why);
  };

  it("binds an agent and an account by both signatures, from either side", async () => {
    const [account] = accounts;
    expect(await bind(await sign(ALICE, account), ALICE)).to.include({ kind: "bound", sequence: 1n });
    expect(boundTo(ALICE)).to.equal(account.address);
    expect(book.ofAddress(account.address, NOW * 1000n)?.binding.agentId).to.equal(ALICE.id);
    expect(book.bindings(NOW * 1000n)).to.have.length(1);
    expect([book.version, book.lastNonce(ALICE.id), book.lastNonce(BOB.id)]).to.deep.equal([1n, 1n, 0n]);
  });

  it("refuses a forged signature of either key", async () => {
    const [account, other] = accounts;
    const good = await sign(ALICE, account);
    const hash = bindingHash(good);
    refused(await bind({ ...good, agentSignature: await BOB.signer.sign(hash) }, ALICE), "agent_signature");
    refused(await bind({ ...good, aleoSignature: await other.sign(hash) }, ALICE), "aleo_signature");
    expect(boundTo(ALICE)).to.equal(undefined);
    // What was refused used no nonce.
    expect((await bind(good, ALICE)).kind).to.equal("bound");
  });

  it("refuses a statement made for another network, registry or stream", async () => {
    const [account] = accounts;
    refused(await bind(await sign(ALICE, account, { network: "mainnet" }), ALICE), "it is for mainnet");
    refused(await bind(await sign(ALICE, account, { program: "other.aleo" }), ALICE), "it is for other.aleo");
    const elsewhere = await sign(ALICE, account, { streamId: streamId(STORE, TENANT) });
    refused(await bind(elsewhere, ALICE), "it is for stream");
    // Renamed, it is not what was signed.
    refused(await bind({ ...elsewhere, streamId: PLACE.streamId }, ALICE), "agent_signature");
  });

  it("refuses what another agent sends, another key signed, or nobody registered", async () => {
    const [account] = accounts;
    const binding = await sign(ALICE, account);
    refused(await bind(binding, BOB), `agent ${BOB.id} sent it`);
    refused(await bind(await sign(ALICE, account, { agentKeyId: 2 }), ALICE), "key 2 the binding");
    refused(await bind(binding, ALICE, { key: undefined }), "is not registered");
    refused(await bind(binding, ALICE, { key: BOB.signer.publicKey }), "does not hold under key");
    refused(
      await bind(binding, ALICE, { fields: { entityId: "mainnet/x.aleo" } }),
      "expected one of aleo.identity",
    );
    refused(await take("aleo.identity.moved", bindingToJson(binding), ALICE, {}), "is no type");
    refused(
      await take(ALEO_EVENTS.bound, { ...bindingToJson(binding), nonce: 1 }, ALICE, {}),
      "payload.nonce",
    );
  });

  it("counts to the end of its last second, and not after; then the account is free", async () => {
    const [account] = accounts;
    const binding = await sign(ALICE, account);
    refused(await bind(binding, ALICE, { time: NOW + HOUR + 1n }), "it expired at 2026-01-30T13:00:00");
    book = new BindingBook(PLACE, signatures);
    expect((await bind(binding, ALICE, { time: NOW + HOUR })).kind).to.equal("bound");
    const end = (NOW + HOUR) * 1000n;
    expect(book.ofAgent(ALICE.id, end + 999n)).to.not.equal(undefined);
    expect(book.ofAgent(ALICE.id, end + 1000n)).to.equal(undefined);
    const taken = await sign(BOB, account, { expiry: NOW + 9n * HOUR });
    expect((await bind(taken, BOB, { time: NOW + 2n * HOUR })).kind).to.equal("bound");
    // A clock that goes back does not bring the first one to life again.
    refused(await unbind(binding, ALICE, undefined, { time: NOW }), "is not bound");
    expect([boundTo(ALICE), boundTo(BOB)]).to.deep.equal([undefined, account.address]);
  });

  it("refuses a second binding of an agent that was not unbound, and an account of two agents", async () => {
    const [account, other] = accounts;
    await bind(await sign(ALICE, account), ALICE);
    refused(await bind(await sign(ALICE, other, { nonce: 2n }), ALICE), "was not unbound");
    refused(await bind(await sign(BOB, account), BOB), `is bound to agent ${ALICE.id}`);
    expect((await bind(await sign(BOB, other), BOB)).kind).to.equal("bound");
  });

  it("binds again after an unbinding, with a new nonce: what was said once does not count twice", async () => {
    const [account, other] = accounts;
    const first = await sign(ALICE, account);
    await bind(first, ALICE);
    expect((await unbind(first, ALICE)).kind).to.equal("unbound");
    expect(boundTo(ALICE)).to.equal(undefined);
    refused(await bind(first, ALICE), "nonce 1 was used");
    expect((await bind(await sign(BOB, account), BOB)).kind).to.equal("bound");
    const second = await sign(ALICE, other, { nonce: 2n });
    expect((await bind(second, ALICE)).kind).to.equal("bound");
    refused(await unbind(first, ALICE), "has another binding");
    expect(boundTo(ALICE)).to.equal(other.address);
  });

  it("ends by the account's word, whoever brings it, and by nobody else's", async () => {
    const [account, other] = accounts;
    const binding = await sign(ALICE, account);
    await bind(binding, ALICE);
    const hash = unbindingHash(bindingHash(binding));
    refused(await unbind(binding, BOB), "neither the agent nor the Aleo account");
    refused(await unbind(binding, BOB, await other.sign(hash)), "neither the agent nor the Aleo account");
    refused(await unbind(binding, BOB, await account.sign(bindingHash(binding))), "neither");
    expect((await unbind(binding, BOB, await account.sign(hash))).kind).to.equal("unbound");
    refused(await unbind(binding, BOB, await account.sign(hash)), "is not bound");
  });
});
