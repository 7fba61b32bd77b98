import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync } from "node:crypto";
import { dataKey, openRecord, sealRecord } from "../src/sequencer/at-rest/index.ts";
import type { Measurement, Row } from "./measurement.ts";

/** A payload of the size that the seed's guide counts with. */
const RECORD_BYTES = 500;
const ROUNDS = 9;
const CALLS = 5000;

/**
 * Sealing and opening of records, on the main thread, beside the two OpenSSL calls they cannot do without: one HKDF of 76 bytes, one
 * AES-256-GCM. Rounds of both alternate, and the middle one counts.
 */
export function measureAtRest(): Measurement {
  const key = dataKey(1n, new Uint8Array(32).fill(1));
  const aad = new Uint8Array(32).fill(2);
  const plaintext = new Uint8Array(RECORD_BYTES).fill(3);
  const sealed = sealRecord(key, aad, plaintext);
  const bare = bareCalls(aad, plaintext);
  return {
    title: `Payloads at rest: records of ${RECORD_BYTES} bytes`,
    rows: [
      rowOf("seal", () => sealRecord(key, aad, plaintext), bare.encrypt),
      rowOf("open", () => openRecord(key, aad, sealed), bare.decrypt),
    ],
  };
}

function rowOf(name: string, ours: () => unknown, floor: () => unknown): Row {
  const times = { ours: [] as number[], floor: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    times.floor.push(microseconds(floor));
    times.ours.push(microseconds(ours));
  }
  const [value, best] = [median(times.ours), median(times.floor)];
  const floorOrPeer = `HKDF and AES-GCM alone ${best.toFixed(1)}`;
  return { name, value, unit: "microseconds", floorOrPeer, ratio: value / best };
}

/** What OpenSSL does for one record, with everything else made beforehand. */
function bareCalls(aad: Uint8Array, plaintext: Uint8Array) {
  const [key, salt, nonce] = [createSecretKey(new Uint8Array(32)), new Uint8Array(32), new Uint8Array(12)];
  const info = new Uint8Array(48);
  const derive = () => hkdfSync("sha256", key, salt, info, 76);
  const encrypt = () => {
    derive();
    const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(aad);
    const ciphertext = cipher.update(plaintext);
    cipher.final();
    return { ciphertext, tag: cipher.getAuthTag() };
  };
  const { ciphertext, tag } = encrypt();
  const decrypt = () => {
    derive();
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 });
    decipher.setAAD(aad).setAuthTag(tag);
    decipher.update(ciphertext);
    decipher.final();
  };
  return { encrypt, decrypt };
}

function microseconds(call: () => unknown): number {
  const start = performance.now();
  for (let i = 0; i < CALLS; i++) call();
  return (1000 * (performance.now() - start)) / CALLS;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
