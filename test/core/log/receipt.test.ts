import { expect } from "chai";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { CheckError, InputError } from "../../../src/core/errors.ts";
import {
  agentKeyMessage,
  buildReceipt,
  parseEvent,
  parseReceipt,
  proveAgentKey,
  receiptToJson,
  verifyAgentKeyProof,
  verifyReceipt,
} from "../../../src/core/log/index.ts";
import { AGENT, AGENT_KEY, at, bytes32, makeEvent, signerOf, uuid, VECTORS } from "./support.ts";

const SIGNER = signerOf(fromHex("receipt_secret", VECTORS.receipt_secret, 32));
const KEYS = new Map([[3, fromHex("receipt_public", VECTORS.receipt_public, 32)]]);
const EVENTS = VECTORS.events.map(({ event }) => parseEvent(event));

describe("receipt: agreement with an independent generator (test/vectors/log/make.py)", () => {
  for (const [i, vector] of VECTORS.receipts.entries()) {
    const event = at(EVENTS, i);
    it(`${at(VECTORS.events, i).name}: holds, is written as it was read, and is built the same`, async () => {
      const receipt = parseReceipt(vector);
      verifyReceipt(receipt, event, KEYS);
      expect(receiptToJson(receipt)).to.deep.equal(vector);
      const { sequence, sequencedAt, receiptKeyId: keyId } = receipt;
      const built = await buildReceipt({ sequence, event }, { sequencedAt, keyId, signer: SIGNER });
      expect(receiptToJson(built)).to.deep.equal(vector);
    });
  }
});

describe("receipt: what must be refused", () => {
  const verify = (json: unknown, event = at(EVENTS, 1)) => verifyReceipt(parseReceipt(json), event, KEYS);
  const vector = at(VECTORS.receipts, 1);

  it("every bit of its text flipped", () => {
    const bytes = new TextEncoder().encode(JSON.stringify(vector));
    verify(JSON.parse(new TextDecoder().decode(bytes)));
    const held: string[] = [];
    for (let i = 0; i < 8 * bytes.length; i++) {
      const flipped = Uint8Array.from(bytes);
      flipped[i >> 3] = (flipped[i >> 3] ?? 0) ^ (1 << (i & 7));
      const text = new TextDecoder().decode(flipped);
      try {
        verify(JSON.parse(text));
        held.push(text);
      } catch (error) {
        if (!(error instanceof CheckError || error instanceof InputError || error instanceof SyntaxError))
          throw error;
      }
    }
    expect(held).to.deep.equal([]);
  }).timeout(60_000);

  it("for another event, also one that differs only in what version 1 leaves unsigned", () => {
    const other = { ...at(EVENTS, 1), baseVersion: 1n };
    expect(() => verify(vector, other)).to.throw(CheckError, "receipt_signature does not hold");
    const { commandId, ...without } = at(EVENTS, 1);
    expect(() => verify(vector, without)).to.throw(CheckError, "receipt_signature does not hold");
    expect(() => verify(vector, at(EVENTS, 0))).to.throw(CheckError, "another event's");
    const moved = { ...at(EVENTS, 1), storeId: uuid(1) };
    expect(() => verify(vector, moved)).to.throw(CheckError, "another event's");
  });

  it("an event that was changed after it was receipted", () => {
    const changed = { ...at(EVENTS, 1), entityId: "another" };
    expect(() => verify(vector, changed)).to.throw(CheckError, "signing_hash is that of another content");
  });

  it("a place or a time that was moved, with its hash made to fit", async () => {
    const event = await makeEvent(1);
    const made = await buildReceipt({ sequence: 5n, event }, { sequencedAt: 1n, keyId: 3, signer: SIGNER });
    const elsewhere = await buildReceipt(
      { sequence: 6n, event },
      { sequencedAt: 1n, keyId: 3, signer: SIGNER },
    );
    const moved = { ...elsewhere, receiptSignature: made.receiptSignature };
    expect(() => verifyReceipt(moved, event, KEYS)).to.throw(CheckError, "does not hold under receipt key 3");
    expect(() => verifyReceipt({ ...made, sequence: 6n }, event, KEYS)).to.throw(
      CheckError,
      "receipt_hash is not that of its fields",
    );
    expect(() => verifyReceipt({ ...made, sequencedAt: 2n }, event, KEYS)).to.throw(
      CheckError,
      "does not hold",
    );
  });

  it("an unknown key, and another key under the same number", () => {
    expect(() => verifyReceipt(parseReceipt(vector), at(EVENTS, 1), new Map())).to.throw(
      CheckError,
      "receipt key 3 is unknown",
    );
    expect(() => verifyReceipt(parseReceipt(vector), at(EVENTS, 1), new Map([[3, AGENT_KEY]]))).to.throw(
      CheckError,
      "does not hold",
    );
  });

  it("every other spelling of its fields", () => {
    const bad: [field: string, value: unknown][] = [
      ["sequence_number", 2],
      ["sequence_number", "02"],
      ["sequence_number", "0"],
      ["sequence_number", "18446744073709551616"],
      ["sequenced_at", "2026-01-30T12:00:02.125+00:00"],
      ["sequenced_at", "2026-01-30T12:00:02Z"],
      ["sequenced_at", "2026-02-30T12:00:02.125Z"],
      ["sequenced_at", "1969-12-31T23:59:59.999Z"],
      ["sequenced_at", 1769774402125],
      ["signing_hash", String(vector.signing_hash).toUpperCase()],
      ["receipt_key_id", "3"],
      ["receipt_key_id", 2 ** 32],
      ["receipt_signature", `${vector.receipt_signature}00`],
      ["event_id", String(vector.event_id).toUpperCase()],
      ["extra", 1],
    ];
    for (const [field, value] of bad)
      expect(() => parseReceipt({ ...vector, [field]: value }), `${field}: ${value}`).to.throw(InputError);
    for (const field of Object.keys(vector)) {
      const { [field]: _, ...less } = vector;
      expect(() => parseReceipt(less), field).to.throw(InputError, field);
    }
  });

  it("a signer that signs something else hands nothing out", async () => {
    const event = await makeEvent(1);
    const liar = { ...SIGNER, sign: () => SIGNER.sign(bytes32(1)) };
    const refused = await buildReceipt(
      { sequence: 1n, event },
      { sequencedAt: 1n, keyId: 1, signer: liar },
    ).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(CheckError);
  });
});

describe("agent key: proof of possession", () => {
  const { tenant_id, store_id, agent_id, key_id, message, proof } = VECTORS.key_statement;
  const statement = {
    tenantId: tenant_id,
    storeId: store_id,
    agentId: agent_id,
    keyId: key_id,
    publicKey: AGENT_KEY,
  };
  const signed = fromHex("proof", proof, 64);

  it("agrees with the independent generator", async () => {
    expect(toHex(agentKeyMessage(statement))).to.equal(message);
    verifyAgentKeyProof(statement, signed);
    expect(toHex(await proveAgentKey(statement, AGENT))).to.equal(proof);
  });

  it("holds for no other stream, agent, number or key", () => {
    const others = [
      { tenantId: uuid(1) },
      { storeId: uuid(1) },
      { agentId: uuid(1) },
      { keyId: 8 },
      { publicKey: SIGNER.publicKey },
      { tenantId: store_id, storeId: tenant_id },
    ];
    for (const other of others)
      expect(() => verifyAgentKeyProof({ ...statement, ...other }, signed)).to.throw(
        CheckError,
        "does not hold",
      );
  });

  it("is refused for a key of small order, under which a signature can hold for any message", () => {
    const publicKey = Uint8Array.of(1, ...new Uint8Array(31));
    // R = the identity, S = 0 holds under it by the cofactored equation, whatever the message.
    const forged = new Uint8Array(64);
    forged[0] = 1;
    expect(() => verifyAgentKeyProof({ ...statement, publicKey }, forged)).to.throw(CheckError);
  });
});
