import { readFileSync } from "node:fs";
import { expect } from "chai";
import { fromHex, toHex } from "../../../src/core/bytes.ts";
import { CheckError, InputError } from "../../../src/core/errors.ts";
import { openKey } from "../../../src/keys/index.ts";
import {
  dataKey,
  dataKeyIdOf,
  eventAad,
  openRecord,
  proofAad,
  SSE2_OVERHEAD,
  sealRecord,
} from "../../../src/sequencer/at-rest/index.ts";
import { unwrapDataKey } from "../../../src/sequencer/at-rest/key-chain.ts";
import { openLegacyRecord } from "../../../src/sequencer/at-rest/sse1.ts";

const vectors = JSON.parse(
  readFileSync(new URL("../../vectors/at-rest/vectors.json", import.meta.url), "utf8"),
);
const bytes = (hex: string) => fromHex("vector", hex);
const { tenantId, storeId, eventId, proofId, agentId, chain, legacy } = vectors;
const AAD = bytes(vectors.event.aad);
const KEY = dataKey(9n, new Uint8Array(32).fill(7));
const PLAINTEXT = new TextEncoder().encode('{"amount":"12"}');

describe("Records at rest: known answers of another implementation (test/vectors/at-rest/make.py)", () => {
  it("bind an event by where it is and what it is", () => {
    const { sequence, aad, ...kind } = vectors.event;
    const place = { tenantId, storeId, eventId, sequence: BigInt(sequence), ...kind };
    expect(toHex(eventAad(place))).to.equal(aad);
    for (const [name, value] of Object.entries(place)) {
      const other = typeof value === "bigint" ? value + 1n : String(value).replace(/.$/, "3");
      expect(toHex(eventAad({ ...place, [name]: other })), name).to.not.equal(aad);
    }
  });

  it("bind a proof by its event, its policy and its own hash", () => {
    const { aad, policyHash, proofHash, ...kind } = vectors.proof;
    const place = { tenantId, storeId, eventId, proofId, ...kind };
    const whole = { ...place, policyHash: bytes(policyHash), proofHash: bytes(proofHash) };
    expect(toHex(proofAad(whole))).to.equal(aad);
    expect(toHex(proofAad({ ...whole, proofHash: whole.policyHash }))).to.not.equal(aad);
  });

  it("open what the other sealed, also an empty record and the highest key number", () => {
    for (const { dataKeyId, dataKey: key, aad, plaintext, sealed } of vectors.records) {
      const opened = openRecord(dataKey(BigInt(dataKeyId), bytes(key)), bytes(aad), bytes(sealed));
      expect(toHex(opened)).to.equal(plaintext);
    }
  });

  it("read the older format with any of the legacy keys", () => {
    const keys = [new Uint8Array(32), bytes(legacy.key)];
    expect(toHex(openLegacyRecord(keys, bytes(legacy.aad), bytes(legacy.sealed)))).to.equal(legacy.plaintext);
    for (const attempt of [
      () => openLegacyRecord([new Uint8Array(32)], bytes(legacy.aad), bytes(legacy.sealed)),
      () => openLegacyRecord(keys, new Uint8Array(32), bytes(legacy.sealed)),
      () => openLegacyRecord(keys, bytes(legacy.aad), bytes(legacy.sealed).subarray(0, 20)),
    ])
      expect(attempt).to.throw(CheckError, "none of the");
  });

  it("unwrap a tenant key by its master key, and a data key by that", () => {
    const { master, masterName, tenantKeyAad, wrappedTenantKey, wrappedDataKey, generation } = chain;
    const tenantKey = openKey(bytes(master), masterName, bytes(wrappedTenantKey), bytes(tenantKeyAad));
    expect(toHex(tenantKey)).to.equal(chain.tenantKey);
    const parent = { id: BigInt(chain.tenantKeyId), key: tenantKey };
    const owner = { tenant_id: tenantId, agent_id: agentId, generation: BigInt(generation) };
    expect(toHex(unwrapDataKey(parent, owner, bytes(wrappedDataKey)))).to.equal(chain.dataKey);
    for (const [name, value] of [
      ["agent_id", tenantId] as const,
      ["tenant_id", agentId],
      ["generation", 5n],
    ]) {
      const other = { ...owner, [String(name)]: value };
      expect(() => unwrapDataKey(parent, other, bytes(wrappedDataKey)), String(name)).to.throw(CheckError);
    }
  });
});

describe("A sealed record", () => {
  const sealed = sealRecord(KEY, AAD, PLAINTEXT);

  it("opens to what was sealed, names its key, and is never twice the same", () => {
    expect(openRecord(KEY, AAD, sealed)).to.deep.equal(PLAINTEXT);
    expect(dataKeyIdOf(sealed)).to.equal(9n);
    expect(sealed).to.have.length(PLAINTEXT.length + SSE2_OVERHEAD);
    const salts = new Set(
      Array.from({ length: 300 }, () => toHex(sealRecord(KEY, AAD, PLAINTEXT).subarray(12, 44))),
    );
    expect(salts).to.have.length(300);
  });

  it("is refused when any one byte of it is another, or it was cut or grew", () => {
    const cut = [0, 4, 12, 91, sealed.length - 1].map((length) => sealed.subarray(0, length));
    const flipped = Array.from(sealed, (_, i) => sealed.map((byte, j) => (i === j ? byte ^ 0x80 : byte)));
    for (const each of [...cut, ...flipped, Buffer.concat([sealed, Buffer.alloc(1)])])
      expect(() => openRecord(KEY, AAD, each)).to.throw(CheckError, /^sealed record: /);
  });

  it("is refused under another row's aad, another key, or the same bytes under another number", () => {
    const other = dataKey(9n, new Uint8Array(32).fill(8));
    expect(() => openRecord(KEY, new Uint8Array(32), sealed)).to.throw(CheckError, "moved from another row");
    expect(() => openRecord(other, AAD, sealed)).to.throw(CheckError);
    expect(() => openRecord(dataKey(8n, new Uint8Array(32).fill(7)), AAD, sealed)).to.throw(CheckError);
  });

  it("is sealed with 32 bytes of key and a number from 1 only, for an aad of 32 bytes", () => {
    expect(() => dataKey(1n, new Uint8Array(31))).to.throw(InputError);
    expect(() => dataKey(0n, new Uint8Array(32))).to.throw(InputError);
    expect(() => sealRecord(KEY, new Uint8Array(31), PLAINTEXT)).to.throw(InputError);
  });
});
