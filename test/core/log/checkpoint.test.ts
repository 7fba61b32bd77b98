import { expect } from "chai";
import { fromHex } from "../../../src/core/bytes.ts";
import { CheckError, InputError } from "../../../src/core/errors.ts";
import {
  checkpointText,
  cosign,
  noteText,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  signatureLine,
  signNote,
  verifyCosignature,
} from "../../../src/core/log/index.ts";
import { at, bytes32, signerOf, VECTORS } from "./support.ts";

const { origin: ORIGIN, notes: NOTES, vkey: VKEY, witness_vkey: WITNESS_VKEY } = VECTORS.checkpoints;
const KEY = parseVerifierKey(VKEY);
const WITNESS_KEY = parseVerifierKey(WITNESS_VKEY);
const LOG = { name: ORIGIN, ...signerOf(fromHex("checkpoint_secret", VECTORS.checkpoint_secret, 32)) };
const WITNESS = {
  name: WITNESS_KEY.name,
  ...signerOf(fromHex("witness_secret", VECTORS.witness_secret, 32)),
};

describe("checkpoint: agreement with an independent generator (test/vectors/log/make.py)", () => {
  for (const [i, { size, time, note }] of NOTES.entries()) {
    it(`size ${size}: log and witness hold, and both are signed the same`, async () => {
      const opened = openCheckpoint(note, [KEY], ORIGIN);
      const root = fromHex("log_root", at(VECTORS.batches, i).log_root, 32);
      expect(opened).to.deep.include({ origin: ORIGIN, size: BigInt(size), root });
      expect(verifyCosignature(opened.note, WITNESS_KEY)).to.equal(BigInt(time));

      const text = checkpointText({ origin: ORIGIN, size: BigInt(size), root });
      const signed = await signNote(text, [LOG]);
      const line = await cosign(text, WITNESS, BigInt(time));
      expect(noteText({ text, signatures: [...signed.signatures, line] })).to.equal(note);
    });
  }
});

describe("checkpoint: one of a Certificate Transparency log, cosigned by public witnesses", () => {
  const real = [
    "arche2025h1.staging.ct.transparency.dev",
    "1432088532",
    "U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=",
    "",
    "— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=",
    "— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=",
    "— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==",
    "— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==",
    "— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==",
    "",
  ].join("\n");
  const log = parseVerifierKey(
    "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f",
  );
  const remora = parseVerifierKey("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2");
  const stagemole = parseVerifierKey(
    "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
  );

  it("holds, with the lines of unknown keys and other kinds passed over", () => {
    const opened = openCheckpoint(real, [log], log.name);
    expect(opened.size).to.equal(1432088532n);
    expect(verifyCosignature(opened.note, remora)).to.equal(0x6a122120n);
    expect(verifyCosignature(opened.note, stagemole)).to.equal(0x6a122120n);
    expect(noteText(opened.note)).to.equal(real);
  });

  it("does not hold with another size", () => {
    const other = real.replace("1432088532", "42");
    expect(() => openCheckpoint(other, [log], log.name)).to.throw(CheckError, "does not hold");
    expect(() => verifyCosignature(parseNote(other), remora)).to.throw(CheckError, "does not hold");
  });
});

describe("checkpoint: what must be refused", () => {
  const { note } = at(NOTES, 2);
  const verify = (bytes: Uint8Array | string) => {
    const opened = openCheckpoint(bytes, [KEY], ORIGIN);
    verifyCosignature(opened.note, WITNESS_KEY);
  };

  it("every bit of the note flipped, by log or witness", () => {
    const bytes = new TextEncoder().encode(note);
    verify(bytes);
    const held: number[] = [];
    for (let i = 0; i < 8 * bytes.length; i++) {
      const flipped = Uint8Array.from(bytes);
      flipped[i >> 3] = (flipped[i >> 3] ?? 0) ^ (1 << (i & 7));
      try {
        verify(flipped);
        held.push(i);
      } catch (error) {
        if (!(error instanceof CheckError || error instanceof InputError)) throw error;
      }
    }
    expect(held).to.deep.equal([]);
  }).timeout(60_000);

  it("every byte left out or doubled", () => {
    const bytes = new TextEncoder().encode(note);
    for (let i = 0; i < bytes.length; i++) {
      const [before, after] = [bytes.subarray(0, i), bytes.subarray(i + 1)];
      const one = bytes[i] ?? 0;
      for (const changed of [
        [...before, ...after],
        [...before, one, one, ...after],
      ])
        expect(() => verify(Uint8Array.from(changed)), `byte ${i}`).to.throw(/./);
    }
  }).timeout(60_000);

  it("of another log, though the same key signed it", async () => {
    const text = checkpointText({ origin: "log.example/other", size: 1n, root: bytes32(1) });
    const other = noteText(await signNote(text, [LOG]));
    expect(() => openCheckpoint(other, [KEY], ORIGIN)).to.throw(InputError, "checkpoint: origin: expected");
  });

  it("malformed texts", () => {
    const root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    const bad: [what: string, text: string][] = [
      ["no newline at the end", `log\n1\n${root}`],
      ["a leading zero", `log\n01\n${root}\n`],
      ["a sign", `log\n+1\n${root}\n`],
      ["a negative size", `log\n-1\n${root}\n`],
      ["a hexadecimal size", `log\n0x1\n${root}\n`],
      ["a space behind the size", `log\n1 \n${root}\n`],
      ["digits that are not ASCII", `log\n١\n${root}\n`],
      ["a size of 2^64", `log\n18446744073709551616\n${root}\n`],
      ["an empty origin", `\n1\n${root}\n`],
      ["no root", "log\n1\n"],
      ["a root of 31 bytes", `log\n1\n${"A".repeat(40)}AA==\n`],
      ["a root in base64url", `log\n1\n${root.replace("/", "_")}\n`],
      ["a root without padding", `log\n1\n${root.slice(0, -1)}\n`],
      ["a root whose last bits are not zero", `log\n1\n${root.replace("q2I=", "q2J=")}\n`],
      ["an empty extension line", `log\n1\n${root}\n\n`],
      ["a carriage return", `log\n1\n${root}\r\n`],
      ["a lone surrogate", `log\ud800\n1\n${root}\n`],
    ];
    parseCheckpoint(`log\n1\n${root}\n`);
    for (const [what, text] of bad) expect(() => parseCheckpoint(text), what).to.throw(InputError);
  });

  it("fields that would need another line", () => {
    const head = { origin: ORIGIN, size: 1n, root: bytes32(1) };
    for (const bad of [
      { origin: "" },
      { origin: "two\nlines" },
      { origin: "log\r" },
      { size: -1n },
      { size: 2n ** 64n },
      { root: bytes32(1).subarray(1) },
      { extensions: [""] },
    ])
      expect(() => checkpointText({ ...head, ...bad })).to.throw(InputError);
    const extended = { ...head, extensions: ["more"] };
    expect(parseCheckpoint(checkpointText(extended))).to.deep.equal(extended);
  });
});

describe("cosignature: what must be refused", () => {
  const note = parseNote(at(NOTES, 0).note);
  const time = BigInt(at(NOTES, 0).time);
  const fails = (changed: typeof note, words: string, notAfter?: bigint) =>
    expect(() => verifyCosignature(changed, WITNESS_KEY, notAfter)).to.throw(CheckError, words);

  it("one that is not there, is there twice, or is of another checkpoint", async () => {
    const [log, witness] = [at(note.signatures, 0), at(note.signatures, 1)];
    fails({ ...note, signatures: [log] }, "not cosigned by witness.example/w1");
    fails({ ...note, signatures: [log, witness, witness] }, "two signatures of witness.example/w1");
    const later = await cosign(note.text, WITNESS, time + 1n);
    fails({ ...note, signatures: [log, witness, later] }, "two signatures of witness.example/w1");
    const elsewhere = at(parseNote(at(NOTES, 1).note).signatures, 1);
    fails({ ...note, signatures: [log, elsewhere] }, "does not hold");
  });

  it("the log's own signature dressed as a cosignature, and the reverse", () => {
    const log = at(note.signatures, 0);
    const dressed = { name: WITNESS_KEY.name, keyId: at(note.signatures, 1).keyId };
    fails({ ...note, signatures: [{ ...dressed, signature: log.signature }] }, "does not hold");
    expect(() => verifyCosignature(note, KEY)).to.throw(InputError, "a cosignature key (type 4)");
    expect(() => openCheckpoint(at(NOTES, 0).note, [WITNESS_KEY], ORIGIN)).to.throw(InputError, "a note key");
  });

  it("a time that was changed, or lies in the future", () => {
    const [log, witness] = [at(note.signatures, 0), at(note.signatures, 1)];
    const signature = Uint8Array.from(witness.signature);
    signature[7] = (signature[7] ?? 0) ^ 1;
    fails({ ...note, signatures: [log, { ...witness, signature }] }, "does not hold");
    fails(note, "from the future", time - 1n);
    expect(verifyCosignature(note, WITNESS_KEY, time)).to.equal(time);
  });

  it("a text that is no checkpoint is never cosigned", async () => {
    const refused = await cosign("cosignature/v1\n", WITNESS, time).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(InputError);
    for (const bad of [-1n, 2n ** 63n])
      expect(await cosign(note.text, WITNESS, bad).catch((error: unknown) => error)).to.be.instanceOf(
        InputError,
      );
  });

  it("a cosignature is one line", () => {
    expect(signatureLine(at(note.signatures, 1))).to.match(/^— witness\.example\/w1 [A-Za-z0-9+/]+=*\n$/);
  });
});
