import { readFileSync } from "node:fs";
import { sha256 } from "@noble/hashes/sha2.js";
import { expect } from "chai";
import { assert, constantFrom, jsonValue, property } from "fast-check";
import { concatBytes, fromHex, toHex, uint, utf8 } from "../../../src/core/bytes.ts";
import { InputError } from "../../../src/core/errors.ts";
import { taggedHash } from "../../../src/core/hash.ts";
import { canonicalJson, type Json } from "../../../src/core/json.ts";
import {
  buildReceipt,
  chooseEvent,
  describeInspection,
  eventLeaf,
  HASH_NAMES,
  inspectEvent,
  parseEvent,
  receiptToJson,
  sequencedEventToJson,
  signingHash,
} from "../../../src/core/log/index.ts";
import { AGENT, AGENT_KEY, makeEvent, VECTORS } from "./support.ts";

type JsonObject = { readonly [field: string]: Json };

const SEALED: readonly { readonly event: JsonObject }[] = JSON.parse(
  readFileSync(new URL("../../vectors/log/sealed.json", import.meta.url), "utf8"),
).events;
const PLAIN = VECTORS.events.find(({ name }) => name === "version 3, everything")?.event as JsonObject;
const ENCRYPTED = SEALED[2]?.event as JsonObject;
const WRONG = `0x${"ab".repeat(32)}`;

const inspect = (json: unknown, options = {}) =>
  inspectEvent(JSON.stringify(json), { publicKey: AGENT_KEY, ...options });

describe("inspecting an event that is right", () => {
  for (const vector of [...VECTORS.events, ...SEALED.map((each) => ({ name: "sealed", ...each }))]) {
    it(`${vector.name}: declared and computed agree, and nothing is wrong`, () => {
      const { hashes, problems, signature } = inspect(vector);
      expect(problems).to.deep.equal([]);
      expect(signature).to.equal("holds");
      for (const name of ["payload_cipher_hash", "payload_aad", "signing_hash"] as const) {
        const { declared, computed } = hashes[name];
        if (declared !== null && computed !== null) expect(computed, name).to.equal(declared);
      }
      const plain = vector.event.payload_kind === 0;
      expect(hashes.payload_plain_hash.computed === null).to.equal(!plain);
      expect(hashes.recipients_hash.computed === null).to.equal(plain);
      expect(hashes.leaf.computed).to.equal(null);
    });
  }

  it("every hash is there for an event as the sequencer hands it out, with its receipt", async () => {
    const event = await makeEvent(1);
    const receipt = await buildReceipt({ sequence: 7n, event }, { sequencedAt: 1n, keyId: 1, signer: AGENT });
    const file = { ...sequencedEventToJson({ sequence: 7n, event }), receipt: receiptToJson(receipt) };
    const { hashes, problems } = inspect(file);
    expect(problems).to.deep.equal([]);
    expect(hashes.leaf.computed).to.equal(toHex(eventLeaf({ sequence: 7n, event })));
    expect(hashes.receipt_hash).to.deep.equal({
      declared: toHex(receipt.receiptHash),
      computed: toHex(receipt.receiptHash),
    });
    expect(hashes.signing_hash.declared).to.equal(toHex(signingHash(event)));
  });

  it("an event whose payload was erased still has its leaf, and nothing is wrong with it", () => {
    for (const [event, field, gone] of [
      [PLAIN, "payload", "payload_erased"],
      [ENCRYPTED, "payload_encrypted", "payload_archived"],
    ] as const) {
      const whole = inspect(event, { sequence: 8n });
      const { [field]: _, ...rest } = event;
      const { hashes, problems, signature } = inspect({ ...rest, [gone]: true }, { sequence: 8n });
      expect(problems).to.deep.equal([]);
      expect(signature).to.equal("holds");
      expect(hashes.leaf).to.deep.equal(whole.hashes.leaf);
      expect(inspect(rest).problems.join()).to.include(`$.${field}: expected`);
    }
  });

  it("takes the sequence from its caller, and the signature is not checked without a key", () => {
    const { hashes, signature } = inspectEvent(JSON.stringify(PLAIN), { sequence: 8n });
    expect(signature).to.equal("not checked");
    expect(hashes.leaf.computed).to.equal(toHex(eventLeaf({ sequence: 8n, event: parseEvent(PLAIN) })));
  });
});

describe("inspecting an event with a fault", () => {
  const problemsOf = (json: unknown, options = {}): string => inspect(json, options).problems.join("\n");

  it("a wrong hash is named and does not stop the others", () => {
    const { hashes, problems } = inspect({ ...PLAIN, payload_plain_hash: WRONG }, { sequence: 1n });
    expect(problems).to.have.length(2);
    expect(problems[0])
      .to.include("payload_plain_hash: the file declares 0xabab")
      .and.include(PLAIN.payload_plain_hash);
    expect(problems[1]).to.include("agent_signature: it does not hold");
    for (const name of HASH_NAMES) {
      if (name.startsWith("payload_aad") || name === "recipients_hash") continue;
      expect(hashes[name].computed, name).to.be.a("string");
    }
  });

  it("every byte of every declared hash, flipped, is found", () => {
    const receipt = { signing_hash: "", receipt_hash: "" };
    const right = inspect({ event: PLAIN, receipt }, { sequence: 1n });
    for (const name of [
      "payload_plain_hash",
      "payload_cipher_hash",
      "signing_hash",
      "leaf",
      "stream_id",
      "receipt_hash",
    ] as const) {
      const bytes = fromHex(name, right.hashes[name].computed ?? "", 32);
      for (const i of bytes.keys()) {
        const flipped = toHex(bytes.with(i, (bytes[i] ?? 0) ^ 1));
        const file = name.startsWith("payload")
          ? { event: { ...PLAIN, [name]: flipped } }
          : { event: PLAIN, [name]: flipped };
        expect(problemsOf(file, { sequence: 1n }), `${name}[${i}]`).to.include(`${name}: the file declares`);
      }
    }
  });

  it("malformed fields are all named, with what can still be computed", () => {
    const { created_at, ...rest } = PLAIN;
    const { hashes, problems } = inspect({ ...rest, agent_key_id: "1", note: 1, agent_signature: "0x00" });
    expect(problems.join("\n"))
      .to.include('$.agent_key_id: expected an integer from 0 to 4294967295, got "1"')
      .and.include("$.created_at: expected an RFC 3339 time")
      .and.include('$: expected no unknown field, got "note"')
      .and.include("$.agent_signature: expected 0x and 128 lower-case hex digits")
      .and.include("agent_signature: it cannot be checked before the faults of form are mended");
    expect(hashes.payload_plain_hash.computed).to.equal(PLAIN.payload_plain_hash);
    expect(hashes.stream_id.computed).to.equal(VECTORS.stream_id);
    expect(hashes.signing_hash.computed).to.equal(null);
  });

  it("an empty object has every fault and no hash", () => {
    const { hashes, problems } = inspect({});
    expect(problems.join()).to.include("$.ves_version").and.include("$.payload_kind");
    for (const name of HASH_NAMES) expect(hashes[name]).to.deep.equal({ declared: null, computed: null });
  });

  it("JSON that is not strict is a problem of its own", () => {
    const twice = `{"event_id":"x",${JSON.stringify(PLAIN).slice(1)}`;
    const { problems, signature } = inspectEvent(twice, { publicKey: AGENT_KEY });
    expect(problems).to.deep.equal(["$.event_id: expected a name once in its object, got it twice"]);
    expect(signature).to.equal("holds");
  });

  it("another sequence than the file's is named", () => {
    expect(problemsOf({ ...PLAIN, sequence_number: "3" }, { sequence: 4n })).to.equal(
      "sequence_number: the file says 3, but 4 was asked for",
    );
  });

  it("says what a wrong plain hash is of, where that is known", () => {
    const payload = { b: 1, a: [2] };
    const tag = "VES_PAYLOAD_PLAIN_V1";
    for (const [bytes, words] of [
      [sha256(canonicalJson("payload", payload)), `it lacks the tag "${tag}"`],
      [
        sha256(utf8("x", `${tag}${JSON.stringify(payload)}`)),
        "as it was written, not in canonical form (RFC 8785)",
      ],
      [sha256(utf8("x", JSON.stringify(payload))), "without the tag"],
    ] as const) {
      expect(problemsOf({ ...PLAIN, payload, payload_plain_hash: toHex(bytes) })).to.include(words);
    }
    expect(problemsOf({ ...PLAIN, payload_cipher_hash: WRONG })).to.include(
      "a plain payload has 32 zero bytes",
    );
  });

  it("says what a wrong signature is of, where that is known", async () => {
    const event = parseEvent(PLAIN);
    const signed = async (message: Uint8Array) => toHex(await AGENT.sign(message));
    const { factsCommitment, ...rest } = event;
    const asVersion2 = signingHash({ ...rest, vesVersion: 2 });
    const { facts_commitment, ...json } = PLAIN;
    expect(problemsOf({ ...json, agent_signature: await signed(asVersion2) })).to.include(
      "it holds over the signing hash of version 2",
    );
    const asHex = utf8("hex", toHex(signingHash(event)));
    expect(problemsOf({ ...PLAIN, agent_signature: await signed(asHex) })).to.include("written as hex");
  });

  it("an encrypted event in the upstream sequencer's own encoding is recognised", () => {
    const theirs = upstream(ENCRYPTED);
    const { hashes, problems } = inspect({
      event: { ...ENCRYPTED, payload_cipher_hash: theirs.cipher },
      payload_aad: theirs.aad,
      recipients_hash: theirs.recipients,
    });
    for (const name of ["payload_cipher_hash", "payload_aad", "recipients_hash"] as const) {
      expect(
        problems.find((each) => each.startsWith(name)),
        name,
      ).to.include("as the upstream sequencer's own code encodes it");
      expect(hashes[name].computed).to.not.equal(hashes[name].declared);
    }
    expect(problemsOf({ ...ENCRYPTED, payload_cipher_hash: WRONG })).to.not.include("upstream");
  });

  it("whatever a field becomes, the rest is still inspected", () => {
    const places: readonly (readonly string[])[] = [
      ...Object.keys(ENCRYPTED).map((name) => [name]),
      ...Object.keys(ENCRYPTED.payload_encrypted as JsonObject).map((name) => ["payload_encrypted", name]),
      ["receipt"],
      ["sequence_number"],
      ["payload"],
    ];
    assert(
      property(constantFrom(...places), jsonValue(), (place, value) => {
        const json = structuredClone(ENCRYPTED) as { [name: string]: unknown };
        const [first = "", second] = place;
        if (second === undefined) json[first] = value;
        else (json[first] as { [name: string]: unknown })[second] = value;
        const { hashes } = inspectEvent(JSON.stringify(json), { sequence: 1n, publicKey: AGENT_KEY });
        if (first !== "tenant_id" && first !== "store_id")
          expect(hashes.stream_id.computed).to.equal(VECTORS.stream_id);
      }),
      { numRuns: 300 },
    );
  });

  it("no JSON at all, and no object, are refused", () => {
    expect(() => inspectEvent("{")).to.throw(InputError, "$: expected JSON");
    expect(() => inspectEvent("[1]")).to.throw(
      InputError,
      "$: expected an event's JSON object, got a list of 1",
    );
  });
});

describe("an inspection for a person", () => {
  it("has a line a hash, and every problem", () => {
    const lines = describeInspection(inspect({ ...PLAIN, payload_plain_hash: WRONG }));
    expect(lines[0]).to.equal(`payload_plain_hash   ${PLAIN.payload_plain_hash}`);
    expect(lines[1]).to.equal(`                     ${WRONG}  declared`);
    expect(lines.join("\n")).to.include("recipients_hash      cannot be computed from this file");
    expect(lines.at(-1)).to.include("- agent_signature: it does not hold");
    expect(describeInspection(inspect(PLAIN)).at(-1)).to.equal("No problem found");
  });

  it("does not let a file speak to the terminal", () => {
    const lines = describeInspection(
      inspect({ ...PLAIN, "\u001b[2J\u202e": 1, created_at: "\u0007\r" }),
    ).join("\n");
    expect(lines).to.include("\\u{001b}[2J\\u{202e}").and.include("\\u{0007}\\u{000d}");
    expect(lines.replaceAll("\n", "")).to.not.match(/[\p{Cc}\p{Cf}]/u);
  });

  it("chooses one of several events by its line", () => {
    const file = '{"a":1}\n{"a":2}\n';
    expect(chooseEvent(file, 2)).to.equal('{"a":2}');
    expect(chooseEvent('{"a":1}\n')).to.equal('{"a":1}\n');
    expect(chooseEvent('{\n"a":1\n}\n')).to.equal('{\n"a":1\n}\n');
    expect(() => chooseEvent(file)).to.throw(InputError, "line: expected 1 to 2, which of the file's events");
    expect(() => chooseEvent(file, 3)).to.throw(InputError, "line: expected 1 to 2, got 3");
    expect(() => chooseEvent(file, 0)).to.throw(InputError, "line: expected 1 to 2, got 0");
  });
});

/** The three hashes as the upstream sequencer's source computes them, written out by hand. */
function upstream(event: JsonObject): { aad: string; recipients: string; cipher: string } {
  const uuid = (field: string) => fromHex(field, `0x${String(event[field]).replaceAll("-", "")}`, 16);
  const text = (field: string) => {
    const bytes = utf8(field, String(event[field]));
    return concatBytes(uint("length", bytes.length, 4), bytes);
  };
  const sealed = event.payload_encrypted as JsonObject;
  const decode = (value: Json | undefined) => new Uint8Array(Buffer.from(String(value), "base64url"));
  const sized = (bytes: Uint8Array) => concatBytes(uint("length", bytes.length, 4), bytes);
  const aad = taggedHash(
    "VES_PAYLOAD_AAD_V1",
    ...["tenant_id", "store_id", "event_id", "source_agent_id"].map(uuid),
    uint("key id", Number(event.agent_key_id), 4),
    ...["entity_type", "entity_id", "event_type", "created_at"].map(text),
    fromHex("plain", String(event.payload_plain_hash), 32),
  );
  const entries = (sealed.recipients as readonly JsonObject[]).map((each) =>
    concatBytes(
      uint("kid", Number(each.recipient_kid), 4),
      sized(decode(each.enc_b64u)),
      sized(decode(each.ct_b64u)),
    ),
  );
  const recipients = taggedHash("VES_RECIPIENTS_V1", ...entries);
  const cipher = taggedHash(
    "VES_PAYLOAD_CIPHER_V1",
    Uint8Array.of(0, 0, 0, 1),
    decode(sealed.nonce_b64u),
    aad,
    sized(decode(sealed.ciphertext_b64u)),
    decode(sealed.tag_b64u),
    recipients,
  );
  return { aad: toHex(aad), recipients: toHex(recipients), cipher: toHex(cipher) };
}
