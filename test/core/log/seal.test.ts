import { readFileSync } from "node:fs";
import { Aes128Gcm, Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { x25519 } from "@noble/curves/ed25519.js";
import { expect } from "chai";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { CheckError, InputError } from "../../../src/core/errors.ts";
import { type Json, stringifyJson } from "../../../src/core/json.ts";
import {
  buildEvent,
  type EventHeader,
  eventToJson,
  openPayload,
  parseEvent,
  payloadAad,
  plainHash,
  sealPayload,
  type VesEvent,
  verifyEvent,
} from "../../../src/core/log/index.ts";
import { AGENT, AGENT_KEY, STORE, TENANT, uuid } from "./support.ts";

interface SealedVector {
  readonly name: string;
  readonly event: { readonly [field: string]: Json };
  readonly payload: Json;
  readonly salt: string;
  readonly readers: readonly { readonly kid: number; readonly private_key: string }[];
}

const VECTORS: { readonly events: readonly SealedVector[] } = JSON.parse(
  readFileSync(new URL("../../vectors/log/sealed.json", import.meta.url), "utf8"),
);

const HEADER: EventHeader = {
  vesVersion: 3,
  eventId: uuid(1),
  tenantId: TENANT,
  storeId: STORE,
  sourceAgentId: uuid(2),
  agentKeyId: 1,
  entityType: "order",
  entityId: "1",
  eventType: "order.paid",
  createdAt: "2026-01-30T12:00:00Z",
};
const PAYLOAD = { amount: "12.50", lines: [1, 2, 3], note: "Größe" };
const readerOf = (kid: number) => {
  const privateKey = new Uint8Array(32).fill(kid + 1);
  return { kid, privateKey, publicKey: x25519.getPublicKey(privateKey) };
};
const ONE = readerOf(1);
const SEVEN = readerOf(7);

async function sealedEvent(header: EventHeader = HEADER, payload: Json = PAYLOAD): Promise<VesEvent> {
  const { fields } = await sealPayload(header, payload, [SEVEN, ONE]);
  return buildEvent({ ...header, ...fields }, AGENT);
}

/** Every object that differs from `event` in one byte of its sealed payload, with the name of the byte. */
function* flipped(event: VesEvent): Generator<[name: string, event: VesEvent]> {
  if (event.payloadKind !== 1) throw new TypeError("a sealed event is wanted");
  const sealed = event.payloadEncrypted;
  for (const part of ["nonce", "ciphertext", "tag"] as const) {
    for (const [i, bytes] of flips(sealed[part])) {
      yield [`${part}[${i}]`, { ...event, payloadEncrypted: { ...sealed, [part]: bytes } }];
    }
  }
  for (const [n, recipient] of sealed.recipients.entries()) {
    for (const part of ["enc", "ct"] as const) {
      for (const [i, bytes] of flips(recipient[part])) {
        const recipients = sealed.recipients.with(n, { ...recipient, [part]: bytes });
        yield [`recipients[${n}].${part}[${i}]`, { ...event, payloadEncrypted: { ...sealed, recipients } }];
      }
    }
  }
}

function* flips(bytes: Uint8Array): Generator<[index: number, bytes: Uint8Array]> {
  for (const [i, byte] of bytes.entries()) {
    for (const bit of [0x01, 0x80]) yield [i, bytes.with(i, byte ^ bit)];
  }
}

async function refusal(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("an encrypted payload, by an independent implementation (test/vectors/log/make-sealed.py)", () => {
  for (const vector of VECTORS.events) {
    it(`${vector.name} is opened by each of its readers`, async () => {
      const event = parseEvent(vector.event);
      verifyEvent(event, AGENT_KEY);
      for (const { kid, private_key } of vector.readers) {
        const { payload, salt } = await openPayload(event, kid, fromHex("private_key", private_key, 32));
        expect(payload).to.deep.equal(vector.payload);
        expect(toHex(salt)).to.equal(vector.salt);
      }
    });
  }

  it("its HPKE opens what RFC 9180 A.1.1 published (that suite has AES-128-GCM, the rest is ours)", async () => {
    const kem = new DhkemX25519HkdfSha256();
    const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes128Gcm() });
    const hex = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(fromHex("vector", `0x${text}`));
    const recipientKey = await kem.deserializePrivateKey(
      hex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"),
    );
    const enc = hex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431");
    const info = hex("4f6465206f6e2061204772656369616e2055726e");
    const ct = hex(
      "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
    );
    const opened = await suite.open({ recipientKey, enc, info }, ct, hex("436f756e742d30"));
    expect(new TextDecoder().decode(opened)).to.equal("Beauty is truth, truth beauty");
  });
});

describe("sealing a payload", () => {
  it("gives each reader the payload and its salt, and an event that any reader of the log accepts", async () => {
    const { fields, salt } = await sealPayload(HEADER, PAYLOAD, [SEVEN, ONE]);
    const event = parseEvent(eventToJson(await buildEvent({ ...HEADER, ...fields }, AGENT)));
    verifyEvent(event, AGENT_KEY);
    for (const { kid, privateKey } of [ONE, SEVEN]) {
      expect(await openPayload(event, kid, privateKey)).to.deep.equal({ payload: PAYLOAD, salt });
    }
    expect(stringifyJson(eventToJson(event))).to.not.include("12.50");
  });

  it("gives the same payload another hash, key and nonce each time", async () => {
    const [a, b] = [await sealPayload(HEADER, PAYLOAD, [ONE]), await sealPayload(HEADER, PAYLOAD, [ONE])];
    expect(toHex(a.fields.payloadPlainHash)).to.not.equal(toHex(b.fields.payloadPlainHash));
    expect(toHex(a.fields.payloadEncrypted.nonce)).to.not.equal(toHex(b.fields.payloadEncrypted.nonce));
    expect(toHex(a.fields.payloadEncrypted.ciphertext)).to.not.equal(
      toHex(b.fields.payloadEncrypted.ciphertext),
    );
  });

  it("takes a view into a larger buffer for a key", async () => {
    const buffer = new Uint8Array(96);
    buffer.set(ONE.publicKey, 32);
    const { fields } = await sealPayload(HEADER, null, [{ kid: 1, publicKey: buffer.subarray(32, 64) }]);
    const event = await buildEvent({ ...HEADER, ...fields }, AGENT);
    buffer.set(ONE.privateKey, 64);
    expect((await openPayload(event, 1, buffer.subarray(64))).payload).to.equal(null);
  });

  for (const [name, readers, message] of [
    ["nobody", [], "recipients: expected at least one, got a list of 0"],
    ["a reader twice", [ONE, SEVEN, ONE], "recipient_kid: expected each once, got 1"],
    [
      "a key of another length",
      [{ kid: 1, publicKey: new Uint8Array(31) }],
      "expected 32 bytes, got 31 bytes",
    ],
    [
      "a key id beyond 32 bits",
      [{ ...ONE, kid: 2 ** 32 }],
      "recipient_kid: expected an integer from 0 to 2^32 - 1",
    ],
    [
      "a key of small order",
      [{ kid: 1, publicKey: new Uint8Array(32) }],
      "public key of recipient 1: expected an X25519",
    ],
  ] as const) {
    it(`to ${name} is refused`, async () => {
      expect(await refusal(sealPayload(HEADER, PAYLOAD, readers)))
        .to.be.instanceOf(InputError)
        .with.property("message")
        .that.includes(message);
    });
  }
});

describe("opening a payload", () => {
  it("is refused to another key, and to a key id that it is not for", async () => {
    const event = await sealedEvent();
    const wrong = await refusal(openPayload(event, 1, SEVEN.privateKey));
    expect(wrong)
      .to.be.instanceOf(CheckError)
      .with.property("message")
      .that.includes("recipient 1 does not open");
    const absent = await refusal(openPayload(event, 2, ONE.privateKey));
    expect(absent).to.be.instanceOf(InputError);
    expect((absent as Error).message).to.equal(
      "recipient_kid: expected one that the event is sealed to (1, 7), got 2",
    );
  });

  it("is refused for a plain event", async () => {
    const plain = await buildEvent({ ...HEADER, payloadKind: 0, payload: 1 }, AGENT);
    expect(await refusal(openPayload(plain, 1, ONE.privateKey))).to.be.instanceOf(InputError);
  });

  it("is refused with any byte changed; in another reader's entry the event's own check sees it", async () => {
    const event = await sealedEvent();
    let seen = 0;
    for (const [name, changed] of flipped(event)) {
      expect(() => verifyEvent(changed, AGENT_KEY), name).to.throw(CheckError, "payload_cipher_hash");
      if (name.startsWith("recipients[1]")) continue;
      expect(await refusal(openPayload(changed, 1, ONE.privateKey)), name).to.be.instanceOf(CheckError);
      seen += 1;
    }
    expect(seen).to.be.greaterThan(2 * (12 + 16 + 16 + 32 + 48));
  });

  it("is refused in an event whose header is not the one it was sealed for", async () => {
    const event = await sealedEvent();
    const changes: Partial<VesEvent>[] = [
      { eventId: uuid(99) },
      { tenantId: uuid(99) },
      { storeId: uuid(99) },
      { sourceAgentId: uuid(99) },
      { agentKeyId: 2 },
      { entityType: "orders" },
      { entityId: "2" },
      { eventType: "order.void" },
      { createdAt: "2026-01-30T12:00:01Z" },
      { vesVersion: 2 },
      { payloadPlainHash: new Uint8Array(32) },
    ];
    for (const change of changes) {
      const moved = { ...event, ...change } as VesEvent;
      expect(await refusal(openPayload(moved, 1, ONE.privateKey)), Object.keys(change)[0]).to.be.instanceOf(
        CheckError,
      );
    }
  });

  it("is refused when the sender encrypted something else than what it signed, or no canonical JSON", async () => {
    for (const [plaintext, message] of [
      ['{"a":2}', "is not the payload whose payload_plain_hash was signed"],
      ['{"a": 1}', "no salt and canonical JSON"],
      ['{"a":1,"a":1}', "no salt and canonical JSON"],
      ["\uFEFF1", "no salt and canonical JSON"],
      ["", "no salt and canonical JSON"],
    ] as const) {
      const event = await dishonest({ a: 1 }, plaintext);
      expect(await refusal(openPayload(event, 1, ONE.privateKey)), plaintext)
        .to.be.instanceOf(CheckError)
        .with.property("message")
        .that.includes(message);
    }
  });
});

/** An event of a sender who signs the hash of `payload` and encrypts `plaintext` in its place. */
async function dishonest(payload: Json, plaintext: string): Promise<VesEvent> {
  const salt = new Uint8Array(16).fill(9);
  const payloadPlainHash = plainHash(payload, salt);
  const aad = new Uint8Array(payloadAad(HEADER, payloadPlainHash));
  const key = new Uint8Array(32).fill(5);
  const nonce = new Uint8Array(12);
  const kem = new DhkemX25519HkdfSha256();
  const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Aes256Gcm() });
  const recipientPublicKey = await kem.deserializePublicKey(new Uint8Array(ONE.publicKey));
  const { enc, ct } = await suite.seal({ recipientPublicKey, info: aad }, key);
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const bytes = new Uint8Array([...salt, ...new TextEncoder().encode(plaintext)]);
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: aad }, aes, bytes),
  );
  const payloadEncrypted = {
    nonce,
    ciphertext: sealed.slice(0, -16),
    tag: sealed.slice(-16),
    recipients: [{ recipientKid: 1, enc: new Uint8Array(enc), ct: new Uint8Array(ct) }],
  };
  return buildEvent({ ...HEADER, payloadKind: 1, payloadEncrypted, payloadPlainHash }, AGENT);
}
