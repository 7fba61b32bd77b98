import { expect } from "chai";
import fc from "fast-check";
import { fromBase64 } from "../../../src/core/base64.ts";
import { CheckError, InputError } from "../../../src/core/errors.ts";
import {
  noteText,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  parseWitnessRequest,
  signNote,
  verifierKey,
  verifyNote,
  witnessRequestText,
} from "../../../src/core/log/index.ts";
import { at, bytes32, signerOf } from "./support.ts";

// golang.org/x/mod/sumdb/note: example_test.go and note_test.go.
const PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETER_SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER_LINE =
  "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const ENOCH_LINE =
  "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";
const NOTE = `${TEXT}\n${PETER_LINE}`;

const peter = {
  name: "PeterNeumann",
  ...signerOf((fromBase64(PETER_SECRET) ?? new Uint8Array()).subarray(1)),
};
// Its example makes this key from a source of zeros.
const enoch = { name: "EnochRoot", ...signerOf(new Uint8Array(32)) };

describe("signed note: the examples of Go's sumdb/note and of C2SP", () => {
  it("signs them byte for byte", async () => {
    expect(noteText(await signNote(TEXT, [peter]))).to.equal(NOTE);
    expect(noteText(await signNote(TEXT, [peter, enoch]))).to.equal(NOTE + ENOCH_LINE);
  });

  it("knows whose they are", () => {
    const keys = [PETER, ENOCH].map((text) => parseVerifierKey(text));
    expect(verifyNote(parseNote(NOTE + ENOCH_LINE), keys)).to.deep.equal(keys);
    expect(verifyNote(parseNote(NOTE), keys)).to.deep.equal([keys[0]]);
    const example = parseVerifierKey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
    const note =
      "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    expect(verifyNote(parseNote(note), [example])).to.deep.equal([example]);
  });

  it("writes keys as they were read", () => {
    for (const text of [
      PETER,
      ENOCH,
      "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
      // Its base64 holds a plus.
      "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
    ])
      expect(verifierKey(parseVerifierKey(text))).to.equal(text);
  });

  it("a text may hold empty lines; the last one parts it from its signatures", async () => {
    const note = await signNote("a\n\nb\n", [peter]);
    expect(parseNote(noteText(note)).text).to.equal("a\n\nb\n");
  });
});

describe("signed note: what must be refused", () => {
  it("malformed notes", () => {
    const bad: [what: string, note: Uint8Array | string][] = [
      ["nothing", ""],
      ["no blank line", `${TEXT}${PETER_LINE}`],
      ["no signature", `${TEXT}\n`],
      ["no newline at the end", NOTE.slice(0, -1)],
      ["a blank line behind", `${NOTE}\n`],
      ["a hyphen for the dash", NOTE.replace("—", "-")],
      ["two spaces", NOTE.replace("— ", "—  ")],
      ["no name", NOTE.replace("PeterNeumann ", "")],
      ["a plus in the name", NOTE.replace("PeterNeumann", "Peter+Neumann")],
      ["a space of Unicode in the name", NOTE.replace("PeterNeumann", "Peter\u2003Neumann")],
      ["more behind the signature", `${NOTE.slice(0, -1)} x\n`],
      ["base64 without padding", NOTE.replace("=\n", "\n")],
      ["base64 whose last bits are not zero", NOTE.replace("AM=\n", "AN=\n")],
      ["base64url", NOTE.replaceAll("/", "_")],
      ["four bytes of signature", `${TEXT}\n— PeterNeumann x08gow==\n`],
      ["a tab", NOTE.replace("If you", "If\tyou")],
      ["carriage returns", NOTE.replaceAll("\n", "\r\n")],
      ["a zero byte", NOTE.replace("If", "I\0")],
      ["a lone surrogate", NOTE.replace("If", "\udc00")],
      ["101 signatures", `${TEXT}\n${PETER_LINE.repeat(101)}`],
      ["bytes that are no UTF-8", Uint8Array.of(...new TextEncoder().encode(NOTE), 0xff, 0x0a)],
      ["a byte order mark before the dash", NOTE.replace("—", "\ufeff—")],
    ];
    for (const [what, note] of bad) expect(() => parseNote(note), what).to.throw(InputError);
  });

  it("no signature of a known key: another name, another id, another key", () => {
    const note = parseNote(NOTE);
    const key = parseVerifierKey(PETER);
    const line = at(note.signatures, 0);
    const unknown = [
      { ...line, name: "PeterNeuman" },
      { ...line, keyId: line.keyId ^ 1 },
    ];
    for (const other of unknown)
      expect(() => verifyNote({ ...note, signatures: [other] }, [key])).to.throw(CheckError, "not signed by");
    expect(() => verifyNote(note, [parseVerifierKey(ENOCH)])).to.throw(CheckError, "not signed by EnochRoot");
    expect(() => verifyNote(note, [])).to.throw(CheckError, "not signed by");
  });

  it("a known key's signature that does not hold, beside one that does", () => {
    const keys = [PETER, ENOCH].map((text) => parseVerifierKey(text));
    const forged = ENOCH_LINE.replace("+QQ=", "+AQ=");
    expect(() => verifyNote(parseNote(NOTE + forged), keys)).to.throw(
      CheckError,
      "the signature of EnochRoot does not hold",
    );
  });

  it("two lines of one known key; two of an unknown one are passed over", () => {
    const key = parseVerifierKey(PETER);
    expect(() => verifyNote(parseNote(NOTE + PETER_LINE), [key])).to.throw(
      CheckError,
      "two signatures of PeterNeumann",
    );
    expect(verifyNote(parseNote(NOTE + ENOCH_LINE + ENOCH_LINE), [key])).to.deep.equal([key]);
  });

  it("verifier keys with another id, type, length or name", () => {
    const bad = [
      "",
      "PeterNeumann",
      PETER.replace("c74f20a3", "c74f20a4"),
      PETER.replace("c74f20a3", "C74F20A3"),
      PETER.replace("PeterNeumann", "PeterNeuman"),
      PETER.replace("+ARpc", "+Ahpc"),
      PETER.slice(0, -4),
      `${PETER} `,
      PETER.replace("Peter", "Peter "),
      `PRIVATE+KEY+PeterNeumann+c74f20a3+${PETER_SECRET}`,
    ];
    for (const text of bad) expect(() => parseVerifierKey(text), text).to.throw(InputError, "verifier key");
  });

  it("a signer whose key cannot be named", async () => {
    const refused = await signNote(TEXT, [{ ...peter, name: "two words" }]).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(InputError);
  });
});

describe("signed note: one spelling only", () => {
  it("whatever is read is written back byte for byte", () => {
    const characters = fc.constantFrom(..."\n\n\n — ab+=/A0Q\t\u2003\ufeffé€😀");
    const lines = fc.constantFrom(PETER_LINE, ENOCH_LINE, "\n", TEXT, "— ", "x08gowAA", " ");
    const parts = fc.array(fc.oneof(characters, lines), { maxLength: 12 });
    let read = 0;
    fc.assert(
      fc.property(parts, (texts) => {
        const text = `${texts.join("")}\n${PETER_LINE}`;
        try {
          expect(noteText(parseNote(text))).to.equal(text);
          read += 1;
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
        }
      }),
      { numRuns: 3_000 },
    );
    expect(read).to.be.greaterThan(100);
  });
});

describe("witness request", () => {
  const note = parseNote(NOTE);
  const request = { oldSize: 7n, proof: [bytes32(1), bytes32(2)], note };

  it("is read as it was written", () => {
    const text = witnessRequestText(request);
    expect(parseWitnessRequest(new TextEncoder().encode(text))).to.deep.equal(request);
    const bare = { oldSize: 0n, proof: [], note };
    expect(witnessRequestText(bare)).to.equal(`old 0\n\n${NOTE}`);
    expect(parseWitnessRequest(new TextEncoder().encode(witnessRequestText(bare)))).to.deep.equal(bare);
  });

  it("of the specification's example is read, and written back byte for byte", () => {
    const example = [
      "old 20852014",
      "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=",
      "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=",
      "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=",
      "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=",
      "",
      "example.com/behind-the-sofa",
      "20852163",
      "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
      "",
      "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=",
      "— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=",
      "",
    ].join("\n");
    const read = parseWitnessRequest(new TextEncoder().encode(example));
    expect([read.oldSize, read.proof.length, read.note.signatures.length]).to.deep.equal([20852014n, 4, 2]);
    expect(parseCheckpoint(read.note.text)).to.deep.include({
      origin: "example.com/behind-the-sofa",
      size: 20852163n,
    });
    expect(witnessRequestText(read)).to.equal(example);
  });

  it("is refused in every other form", () => {
    const hash = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    const bad: [what: string, body: string][] = [
      ["nothing", ""],
      ["no old size", `${hash}\n\n${NOTE}`],
      ["a leading zero", `old 01\n\n${NOTE}`],
      ["no number", `old \n\n${NOTE}`],
      ["a space behind", `old 1 \n\n${NOTE}`],
      ["2^64", `old 18446744073709551616\n\n${NOTE}`],
      ["no blank line", `old 1\n${NOTE}`],
      ["64 hashes", `old 1\n${`${hash}\n`.repeat(64)}\n${NOTE}`],
      ["a short hash", `old 1\n${hash.slice(0, 40)}\n\n${NOTE}`],
      ["carriage returns", `old 1\r\n\r\n${NOTE}`],
      ["no note", "old 1\n\n"],
      ["a letter that is not ASCII", `old 1\n${hash.replace("C", "С")}\n\n${NOTE}`],
    ];
    for (const [what, body] of bad)
      expect(() => parseWitnessRequest(new TextEncoder().encode(body)), what).to.throw(InputError);
    const long = { ...request, proof: Array.from({ length: 64 }, (_, i) => bytes32(i)) };
    expect(() => witnessRequestText(long)).to.throw(InputError, "at most 63 hashes");
  });
});
