import { expect } from "chai";
import fc from "fast-check";
import { SCALAR_ORDER } from "../../../src/core/bn254.ts";
import { InputError } from "../../../src/core/errors.ts";
import {
  type Facts,
  factCommitment,
  factsToJson,
  freshSalt,
  parseFacts,
} from "../../../src/core/facts/index.ts";

const MAX = 2n ** 64n - 1n;
const good = { amounts: ["1", "2", "3", "4"], category: 5, salt: `0x${"00".repeat(31)}07` };

const facts: Facts = { amounts: [1n, 2n, 3n, 4n], category: 5, salt: 7n };
const withAmount = (index: number, value: bigint): Facts => {
  const amounts: [bigint, bigint, bigint, bigint] = [1n, 2n, 3n, 4n];
  amounts[index] = value;
  return { ...facts, amounts };
};

const u64 = fc.bigInt({ min: 0n, max: MAX });
const anyFacts: fc.Arbitrary<Facts> = fc.record({
  amounts: fc.tuple(u64, u64, u64, u64),
  category: fc.integer({ min: 0, max: 63 }),
  salt: fc.bigInt({ min: 0n, max: SCALAR_ORDER - 1n }),
});

describe("facts in a payload", () => {
  it("come back as they went in", () => {
    fc.assert(
      fc.property(anyFacts, (value) => {
        expect(parseFacts(factsToJson(value))).to.deep.equal(value);
      }),
    );
  });

  const refused: Record<string, unknown> = {
    "an amount of 2^64": { ...good, amounts: ["18446744073709551616", "0", "0", "0"] },
    "a negative amount": { ...good, amounts: ["-1", "0", "0", "0"] },
    "an amount with a leading zero, a second spelling of the same number": {
      ...good,
      amounts: ["01", "0", "0", "0"],
    },
    "an amount given as a number": { ...good, amounts: [1, "0", "0", "0"] },
    "an amount in hex": { ...good, amounts: ["0x1", "0", "0", "0"] },
    "three amounts": { ...good, amounts: ["1", "2", "3"] },
    "five amounts": { ...good, amounts: ["1", "2", "3", "4", "5"] },
    "category 64": { ...good, category: 64 },
    "category -1": { ...good, category: -1 },
    "a fractional category": { ...good, category: 1.5 },
    "a category given as text": { ...good, category: "5" },
    "a salt equal to the field's order": { ...good, salt: `0x${SCALAR_ORDER.toString(16)}` },
    "a short salt": { ...good, salt: "0x07" },
    "an upper-case salt": { ...good, salt: `0x${"00".repeat(31)}AA` },
    "a further key": { ...good, currency: "EUR" },
    "a missing key": { amounts: good.amounts, category: 5 },
    "a list": [],
    nothing: null,
  };
  for (const [what, json] of Object.entries(refused)) {
    it(`are refused with ${what}`, () =>
      expect(() => parseFacts(json)).to.throw(InputError, /expected .*, got/));
  }

  it("accept the largest values", () => {
    const salt = `0x${(SCALAR_ORDER - 1n).toString(16)}`;
    const parsed = parseFacts({ amounts: Array(4).fill(`${MAX}`), category: 63, salt });
    expect(parsed).to.deep.equal({ amounts: [MAX, MAX, MAX, MAX], category: 63, salt: SCALAR_ORDER - 1n });
  });

  it("are never quoted in an error", () => {
    const secret = "1234567890123456789012";
    const salt = `0x${SCALAR_ORDER.toString(16)}`;
    for (const json of [
      { ...good, amounts: [secret, "0", "0", "0"] },
      { ...good, salt },
    ]) {
      expect(() => parseFacts(json))
        .to.throw(InputError)
        .with.property("message")
        .not.contains(secret);
      expect(() => parseFacts(json))
        .to.throw(InputError)
        .with.property("message")
        .not.contains(salt);
    }
  });
});

describe("fact commitment", () => {
  it("differs for any two different facts, neighbours in the packing included", () => {
    const vectors: Facts[] = [
      facts,
      // If 64 bits were not enforced, these pairs would share a packed form.
      withAmount(0, MAX),
      withAmount(1, 3n),
      withAmount(3, MAX),
      { ...facts, category: 6 },
      { ...facts, salt: 8n },
      withAmount(2, MAX),
    ];
    expect(new Set(vectors.map(factCommitment)).size).to.equal(vectors.length);
    fc.assert(
      fc.property(anyFacts, anyFacts, (a, b) => {
        fc.pre(JSON.stringify(factsToJson(a)) !== JSON.stringify(factsToJson(b)));
        expect(factCommitment(a)).to.not.equal(factCommitment(b));
      }),
      { numRuns: 50 },
    );
  });

  const colliding: [string, Facts][] = [
    ["an amount that carries into its neighbour", withAmount(0, 2n ** 64n + 1n)],
    ["an amount that borrows from its neighbour", withAmount(1, -1n)],
    ["a fourth amount that carries into the category", withAmount(3, 2n ** 64n)],
    ["a category that carries into the tag", { ...facts, category: 256 }],
    ["a salt that is another salt plus the field's order", { ...facts, salt: 7n + SCALAR_ORDER }],
  ];
  for (const [what, value] of colliding) {
    it(`refuses ${what}`, () => expect(() => factCommitment(value)).to.throw(InputError));
  }
});

describe("salt", () => {
  it("is a fresh field element each time, over the whole field", () => {
    const salts = Array.from({ length: 400 }, freshSalt);
    expect(salts.every((salt) => salt >= 0n && salt < SCALAR_ORDER)).to.equal(true);
    expect(new Set(salts).size).to.equal(salts.length);
    // A uniform salt lies in each quarter a hundred times on average; less than 40 has odds below 10^-12.
    for (let quarter = 0n; quarter < 4n; quarter++) {
      const count = salts.filter((salt) => (salt * 4n) / SCALAR_ORDER === quarter).length;
      expect(count).to.be.greaterThan(40);
    }
  });
});
