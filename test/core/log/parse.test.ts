import { expect } from "chai";
import { InputError } from "../../../src/core/errors.ts";
import type { Json } from "../../../src/core/json.ts";
import { parseEvent, parseSequencedEvent, sequencedEventToJson } from "../../../src/core/log/index.ts";
import { at, VECTORS } from "./support.ts";

type JsonObject = { readonly [field: string]: Json | undefined };

const vector = (name: string): JsonObject => {
  const found = VECTORS.events.find((each) => each.name === name);
  if (found === undefined) throw new RangeError(name);
  return found.event;
};

const PLAIN_1 = vector("version 1, unsigned command and base version");
const PLAIN_3 = vector("version 3, everything");
const SEALED = vector("version 3, encrypted, facts");
const SCALAR_ORDER = "0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";

const sealed = SEALED.payload_encrypted as { readonly [field: string]: Json };
const recipients = sealed.recipients as readonly { readonly [field: string]: Json }[];
const withSealed = (change: JsonObject) => ({ ...SEALED, payload_encrypted: { ...sealed, ...change } });
const withRecipient = (change: JsonObject) =>
  withSealed({ recipients: [{ ...at(recipients, 0), ...change }] as Json[] });
const without = (event: JsonObject, field: string) =>
  Object.fromEntries(Object.entries(event).filter(([name]) => name !== field));

const REFUSED: Readonly<Record<string, readonly [json: unknown, message: string]>> = {
  "no object": [[PLAIN_3], "$: expected object, got a list of 1"],
  "no version": [without(PLAIN_3, "ves_version"), "$.ves_version: expected 1, 2 or 3, got nothing"],
  "version 4": [{ ...PLAIN_3, ves_version: 4 }, "$.ves_version: expected 1, 2 or 3, got 4"],
  "a payload kind that is none": [
    { ...PLAIN_3, payload_kind: 2 },
    "$.payload_kind: expected 0 (plain) or 1 (encrypted), got 2",
  ],
  "an unknown field": [{ ...PLAIN_3, note: "x" }, '$: expected no unknown field, got "note"'],
  "a sequence number in what an agent sends": [
    { ...PLAIN_3, sequence_number: "1" },
    '$: expected no unknown field, got "sequence_number"',
  ],
  "both payloads": [
    { ...PLAIN_3, payload_encrypted: sealed },
    '$: expected no unknown field, got "payload_encrypted"',
  ],
  "no payload": [
    without(PLAIN_3, "payload"),
    "$.payload: expected a value that has a canonical JSON form, got nothing",
  ],
  "a missing field": [
    without(PLAIN_3, "tenant_id"),
    "$.tenant_id: expected a UUID in lower case, e.g. 550e8400-e29b-41d4-a716-446655440000, got nothing",
  ],
  "a UUID in upper case": [
    { ...PLAIN_3, event_id: "550E8400-e29b-41d4-a716-446655440000" },
    "$.event_id: expected a UUID in lower case, e.g. 550e8400-e29b-41d4-a716-446655440000, " +
      'got "550E8400-e29b-41d4-a716-446655440000"',
  ],
  "a key id beyond 32 bits": [
    { ...PLAIN_3, agent_key_id: 2 ** 32 },
    "$.agent_key_id: expected an integer from 0 to 4294967295, got 4294967296",
  ],
  "a key id that is text": [
    { ...PLAIN_3, agent_key_id: "1" },
    '$.agent_key_id: expected an integer from 0 to 4294967295, got "1"',
  ],
  "a lone surrogate": [
    { ...PLAIN_3, entity_id: "\ud800" },
    '$.entity_id: expected Unicode text without lone surrogates, got "\ud800"',
  ],
  "hex in upper case": [
    { ...PLAIN_3, payload_plain_hash: `0x${"AB".repeat(32)}` },
    `$.payload_plain_hash: expected 0x and 64 lower-case hex digits, got "0x${"AB".repeat(32)}"`,
  ],
  "hex of another length": [
    { ...PLAIN_3, payload_cipher_hash: "0x00" },
    '$.payload_cipher_hash: expected 0x and 64 lower-case hex digits, got "0x00"',
  ],
  "a facts commitment of p": [
    { ...PLAIN_3, facts_commitment: SCALAR_ORDER },
    `$.facts_commitment: expected a number below the BN254 scalar order, got "${SCALAR_ORDER}"`,
  ],
  "facts in a version that does not sign them": [
    { ...PLAIN_1, facts_commitment: `0x${"00".repeat(32)}` },
    `$.facts_commitment: expected no such field in version 1, got "0x${"00".repeat(32)}"`,
  ],
  "a u64 as a number in version 3": [
    { ...PLAIN_3, base_version: 1 },
    "$.base_version: expected a decimal string from 0 to 2^64 - 1, got 1",
  ],
  "a u64 as text in version 1": [
    { ...PLAIN_1, base_version: "1" },
    '$.base_version: expected an integer from 0 to 9007199254740991, got "1"',
  ],
  "2^64 as a u64": [
    { ...PLAIN_3, base_version: "18446744073709551616" },
    '$.base_version: expected a decimal string from 0 to 2^64 - 1, got "18446744073709551616"',
  ],
  "a u64 with a leading zero": [
    { ...PLAIN_3, base_version: "01" },
    '$.base_version: expected a decimal string from 0 to 2^64 - 1, got "01"',
  ],
  "null for an absent field": [
    { ...PLAIN_3, command_id: null },
    "$.command_id: expected a UUID in lower case, e.g. 550e8400-e29b-41d4-a716-446655440000, got null",
  ],
  "a nonce of another length": [
    withSealed({ nonce_b64u: "AAAA" }),
    '$.payload_encrypted.nonce_b64u: expected base64url without padding of 12 bytes, got "AAAA"',
  ],
  "padded base64url": [
    withSealed({ ciphertext_b64u: "AA==" }),
    '$.payload_encrypted.ciphertext_b64u: expected base64url without padding, got "AA=="',
  ],
  "a second spelling of the same bytes": [
    withSealed({ ciphertext_b64u: "AB" }),
    '$.payload_encrypted.ciphertext_b64u: expected base64url without padding, got "AB"',
  ],
  "another cipher": [
    withSealed({ aead: "AES-128-GCM" }),
    '$.payload_encrypted.aead: expected "AES-256-GCM", got "AES-128-GCM"',
  ],
  "another HPKE mode": [
    withSealed({ hpke: { ...(sealed.hpke as object), mode: "psk" } as Json }),
    '$.payload_encrypted.hpke.mode: expected "base", got "psk"',
  ],
  "no recipients": [
    withSealed({ recipients: [] }),
    "$.payload_encrypted.recipients: expected at least one recipient, in ascending order of recipient_kid, none " +
      "twice, got a list of 0",
  ],
  "recipients out of order": [
    withSealed({ recipients: [...recipients].reverse() }),
    "$.payload_encrypted.recipients: expected at least one recipient, in ascending order of recipient_kid, none " +
      "twice, got a list of 3",
  ],
  "a recipient twice": [
    withSealed({ recipients: [at(recipients, 0), at(recipients, 0)] }),
    "$.payload_encrypted.recipients: expected at least one recipient, in ascending order of recipient_kid, none " +
      "twice, got a list of 2",
  ],
  "a sealed key of another length": [
    withRecipient({ ct_b64u: "AAAA" }),
    '$.payload_encrypted.recipients[0].ct_b64u: expected base64url without padding of 48 bytes, got "AAAA"',
  ],
  "an unknown field of a recipient": [
    withRecipient({ name: "x" }),
    '$.payload_encrypted.recipients[0]: expected no unknown field, got "name"',
  ],
};

describe("an event's JSON is refused with its path, what was expected and what was there", () => {
  for (const [name, [json, message]] of Object.entries(REFUSED)) {
    it(name, () => expect(() => parseEvent(json)).to.throw(InputError, message));
  }

  for (const time of [
    "2026-01-30",
    "2026-01-30T12:00Z",
    "2026-01-30T12:00:00",
    "2026-02-30T12:00:00Z",
    "2026-01-30t12:00:00z",
    "2026-01-30 12:00:00Z",
    "2026-01-30T24:00:00Z",
    "1769774400",
  ]) {
    it(`the time ${time}`, () => {
      expect(() => parseEvent({ ...PLAIN_3, created_at: time })).to.throw(
        InputError,
        /^\$\.created_at: expected an RFC 3339/,
      );
    });
  }

  it("names the place in a list", () => {
    expect(() => parseEvent({ ...PLAIN_3, ves_version: 9 }, "$.events[3]")).to.throw(
      InputError,
      "$.events[3].ves_version: expected 1, 2 or 3, got 9",
    );
  });
});

describe("an event with its sequence number", () => {
  it("is read back as it was written, in every version", () => {
    for (const { event } of VECTORS.events) {
      const sequence_number = event.ves_version === 3 ? "18446744073709551614" : 9007199254740991;
      const json = { ...event, sequence_number };
      expect(sequencedEventToJson(parseSequencedEvent(json))).to.deep.equal(json);
    }
  });

  it("is refused without it, and for another unknown field", () => {
    expect(() => parseSequencedEvent(PLAIN_3)).to.throw(
      InputError,
      "$.sequence_number: expected a decimal string from 0 to 2^64 - 1, got nothing",
    );
    expect(() => parseSequencedEvent({ ...PLAIN_3, sequence_number: "1", receipt: {} })).to.throw(
      InputError,
      '$: expected no unknown field, got "receipt"',
    );
    const named = JSON.parse(
      `{"__proto__":{"admin":true},${JSON.stringify({ ...PLAIN_3, sequence_number: "1" }).slice(1)}`,
    );
    expect(() => parseSequencedEvent(named)).to.throw(
      InputError,
      '$: expected no unknown field, got "__proto__"',
    );
  });
});
