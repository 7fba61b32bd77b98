import { expect } from "chai";
import { CheckError, InputError } from "../../../src/core/errors.ts";
import {
  buildEvent,
  type EventFields,
  eventLeaf,
  keyProviderSigner,
  parseEvent,
  recipientsHash,
  type VesEvent,
  verifyEvent,
} from "../../../src/core/log/index.ts";
import type { KeyProvider } from "../../../src/core/ports.ts";
import { AGENT, AGENT_KEY, at, bytes32, makeEvent, signerOf, uuid, VECTORS } from "./support.ts";

const named = (name: string): VesEvent => {
  const found = VECTORS.events.find((each) => each.name === name);
  if (found === undefined) throw new RangeError(name);
  return parseEvent(found.event);
};

const refused = (event: VesEvent, reason: RegExp) =>
  expect(() => verifyEvent(event, AGENT_KEY)).to.throw(CheckError, reason);

describe("what an agent signed cannot be changed", () => {
  const plain = named("version 3, everything");
  const CHANGES: Readonly<Record<string, Partial<VesEvent>>> = {
    "event id": { eventId: uuid(1) },
    tenant: { tenantId: uuid(1) },
    store: { storeId: uuid(1) },
    agent: { sourceAgentId: uuid(1) },
    "key id": { agentKeyId: 8 },
    "entity type": { entityType: "orders" },
    "entity id": { entityId: "" },
    "event type": { eventType: "order.refunded" },
    "creation time, even for the same instant": { createdAt: "2026-01-30T11:00:00.125Z" },
    "command id": { commandId: uuid(1) },
    "base version": { baseVersion: 0n },
    "facts commitment": { factsCommitment: bytes32(1) },
    signature: { agentSignature: new Uint8Array(64) },
  };
  for (const [name, change] of Object.entries(CHANGES)) {
    it(name, () => refused({ ...plain, ...change } as VesEvent, /agent_signature does not hold/));
  }

  it("a version, up or down", () => {
    const { commandId, baseVersion, factsCommitment, ...bare } = plain;
    for (const vesVersion of [1, 2] as const)
      refused({ ...bare, vesVersion }, /agent_signature does not hold/);
    refused({ ...named("version 1, plain"), vesVersion: 2 }, /agent_signature does not hold/);
  });

  it("an optional field dropped, or added", () => {
    const { factsCommitment, ...withoutFacts } = plain;
    refused(withoutFacts, /agent_signature does not hold/);
    const bare = named("version 3, nothing optional");
    refused({ ...bare, commandId: uuid(1) }, /agent_signature does not hold/);
  });

  it("text moved from one field to its neighbour", () => {
    const { entityType, entityId } = plain;
    const moved = { ...plain, entityType: entityType + entityId.slice(0, 1), entityId: entityId.slice(1) };
    refused(moved, /agent_signature does not hold/);
  });

  it("a plain payload, whose hash no longer fits", () => {
    refused({ ...plain, payload: { a: 1 } } as VesEvent, /payload_plain_hash: expected 0x/);
    refused({ ...plain, payloadCipherHash: bytes32(1) }, /payload_cipher_hash: expected 0x0{64}, got/);
  });

  context("an encrypted payload", () => {
    const sealed = named("version 3, encrypted, facts");
    if (sealed.payloadKind !== 1) throw new TypeError("expected an encrypted payload");
    const encrypted = sealed.payloadEncrypted;
    const first = at(encrypted.recipients, 0);
    const PARTS: Readonly<Record<string, Partial<typeof encrypted>>> = {
      nonce: { nonce: new Uint8Array(12) },
      ciphertext: { ciphertext: encrypted.ciphertext.slice(1) },
      tag: { tag: new Uint8Array(16) },
      "a recipient less": { recipients: encrypted.recipients.slice(1) },
      "another recipient": { recipients: [{ ...first, recipientKid: 77 }, ...encrypted.recipients.slice(1)] },
    };
    for (const [name, change] of Object.entries(PARTS)) {
      it(name, () => {
        const changed = { ...sealed, payloadEncrypted: { ...encrypted, ...change } } as VesEvent;
        refused(changed, /payload_cipher_hash: expected 0x/);
      });
    }

    it("moved to another event of the same agent: its hash binds where it belongs", () => {
      refused({ ...sealed, entityId: "other" }, /payload_cipher_hash: expected 0x/);
    });

    it("hashes its recipients in the order of their ids", () => {
      const reversed = encrypted.recipients.toReversed();
      expect(recipientsHash(reversed)).to.deep.equal(recipientsHash(encrypted.recipients));
    });
  });

  it("another key", () => {
    expect(() => verifyEvent(plain, signerOf(bytes32(1)).publicKey)).to.throw(CheckError, /does not hold/);
  });

  it("only that version 1 leaves the command id and the base version unsigned, as published", () => {
    const event = named("version 1, unsigned command and base version");
    verifyEvent({ ...event, commandId: uuid(1), baseVersion: 5n }, AGENT_KEY);
  });
});

describe("a leaf binds an event to its place", () => {
  it("by sequence, stream, content and signature", async () => {
    const event = await makeEvent(1);
    const places = [
      eventLeaf({ sequence: 1n, event }),
      eventLeaf({ sequence: 2n, event }),
      eventLeaf({ sequence: 1n, event: { ...event, tenantId: uuid(1) } }),
      eventLeaf({ sequence: 1n, event: { ...event, storeId: uuid(1) } }),
      eventLeaf({ sequence: 1n, event: { ...event, factsCommitment: bytes32(1) } }),
      eventLeaf({ sequence: 1n, event: { ...event, agentSignature: new Uint8Array(64) } }),
    ];
    expect(new Set(places.map(String)).size).to.equal(places.length);
  });

  it("and there is no sequence 0, and none of 2^64", async () => {
    const event = await makeEvent(1);
    expect(() => eventLeaf({ sequence: 0n, event })).to.throw(
      InputError,
      "sequence_number: expected 1 or more, got 0",
    );
    expect(() => eventLeaf({ sequence: 2n ** 64n, event })).to.throw(
      InputError,
      /^sequence_number: expected/,
    );
  });
});

describe("building an event", () => {
  const rejection = async (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  it("refuses a facts commitment that would not be signed, or is no number of the circuit", async () => {
    const commitment = bytes32(1);
    expect(await rejection(makeEvent(1, { vesVersion: 2, factsCommitment: commitment }))).to.be.instanceOf(
      InputError,
    );
    const tooLarge = new Uint8Array(32).fill(0xff);
    expect(await rejection(makeEvent(1, { factsCommitment: tooLarge }))).to.be.instanceOf(InputError);
    await makeEvent(1, { factsCommitment: commitment });
  });

  it("refuses what no reader would take", async () => {
    const WRONG: readonly Partial<EventFields>[] = [
      { createdAt: "yesterday" },
      { eventId: "1" },
      { agentKeyId: -1 },
      { entityId: "\udfff" },
      { baseVersion: 2n ** 64n },
      { vesVersion: 1, baseVersion: 2n ** 53n },
      { payload: Number.NaN } as Partial<EventFields>,
    ];
    for (const change of WRONG) expect(await rejection(makeEvent(1, change))).to.be.instanceOf(InputError);
  });

  it("keeps the payload as JSON: what toJSON hides is not kept apart from what was hashed", async () => {
    const event = await makeEvent(1, { payload: { at: new Date(0) } } as unknown as Partial<EventFields>);
    expect(event).to.have.deep.property("payload", { at: "1970-01-01T00:00:00.000Z" });
    verifyEvent(event, AGENT_KEY);
  });

  it("does not hand out an event whose signer gave a wrong signature", async () => {
    const fields = { ...(await makeEvent(1)) };
    const liar = { publicKey: AGENT.publicKey, sign: async () => new Uint8Array(64) };
    expect(await rejection(buildEvent(fields, liar))).to.be.instanceOf(CheckError);
    const other = { ...signerOf(bytes32(2)), publicKey: AGENT.publicKey };
    expect(await rejection(buildEvent(fields, other))).to.be.instanceOf(CheckError);
  });

  it("signs through the KeyProvider port, with ed25519 keys only", async () => {
    const provider = {
      info: async (name: string) => ({
        name,
        algorithm: name === "agent" ? "ed25519" : "secp256k1",
        publicKey: VECTORS.agent_public,
      }),
      signMessage: (_: string, message: Uint8Array) => AGENT.sign(message),
    } as unknown as KeyProvider;
    const event = await makeEvent(5);
    const { agentSignature, ...fields } = event;
    expect(await buildEvent(fields, await keyProviderSigner(provider, "agent"))).to.deep.equal(event);
    expect(await rejection(keyProviderSigner(provider, "deployer")))
      .to.be.instanceOf(InputError)
      .with.property("message", 'key "deployer": expected an ed25519 key, got "secp256k1"');
  });
});
