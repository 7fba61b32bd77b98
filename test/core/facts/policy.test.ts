import { expect } from "chai";
import fc from "fast-check";
import { InputError } from "../../../src/core/errors.ts";
import {
  evaluatePolicy,
  type Facts,
  type Policy,
  parsePolicy,
  policyHash,
} from "../../../src/core/facts/index.ts";

const LIMIT = 2n ** 100n;
const MAX = 2n ** 64n - 1n;
const policy: Policy = { weights: [1, -1, 0, 0], lower: -5n, upper: 100n, categoryMask: 0b1010n };
const facts = (amounts: Facts["amounts"], category = 1): Facts => ({ amounts, category, salt: 1n });

const weight = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const bound = fc.bigInt({ min: 1n - LIMIT, max: LIMIT - 1n });
const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({
    weights: fc.tuple(weight, weight, weight, weight),
    bounds: fc.tuple(bound, bound),
    categoryMask: fc.bigInt({ min: 0n, max: MAX }),
  })
  .map(({ weights, bounds, categoryMask }) => {
    const [lower, upper] = bounds[0] > bounds[1] ? [bounds[1], bounds[0]] : bounds;
    return { weights, lower, upper, categoryMask };
  });

describe("policy", () => {
  const refused: [string, Parameters<typeof parsePolicy>[0]][] = [
    ["an upper bound of 2^100, where sums could wrap", { ...policy, upper: LIMIT }],
    ["a lower bound of -2^100", { ...policy, lower: -LIMIT }],
    ["bounds that are crossed", { ...policy, lower: 101n }],
    ["a weight of 2^31", { ...policy, weights: [2 ** 31, 0, 0, 0] }],
    ["a weight below -2^31", { ...policy, weights: [0, 0, 0, -(2 ** 31) - 1] }],
    ["a fractional weight", { ...policy, weights: [0.5, 0, 0, 0] }],
    ["three weights", { ...policy, weights: [1, 2, 3] }],
    ["five weights", { ...policy, weights: [1, 2, 3, 4, 5] }],
    ["a mask of 2^64", { ...policy, categoryMask: MAX + 1n }],
    ["a negative mask", { ...policy, categoryMask: -1n }],
  ];
  for (const [what, given] of refused) {
    it(`is refused with ${what}`, () =>
      expect(() => parsePolicy(given)).to.throw(InputError, /expected .*, got/));
  }

  it("accepts the extremes of every part", () => {
    const extreme = {
      weights: [-(2 ** 31), 2 ** 31 - 1, 0, 0],
      lower: 1n - LIMIT,
      upper: LIMIT - 1n,
      categoryMask: MAX,
    };
    expect(parsePolicy(extreme)).to.deep.equal(extreme);
  });

  it("is not hashed when the contract would refuse it", () => {
    expect(() => policyHash({ ...policy, upper: LIMIT })).to.throw(InputError);
  });

  it("has a hash of its own: editing any part changes it", () => {
    const text = (value: Policy): string =>
      [value.weights, value.lower, value.upper, value.categoryMask].join("|");
    fc.assert(
      fc.property(anyPolicy, anyPolicy, (a, b) => {
        fc.pre(text(a) !== text(b));
        expect(policyHash(a)).to.not.equal(policyHash(b));
      }),
      { numRuns: 50 },
    );
    const edits: Policy[] = [
      policy,
      { ...policy, lower: -6n },
      { ...policy, upper: 101n },
      { ...policy, lower: 5n },
      { ...policy, categoryMask: 0b1011n },
      { ...policy, weights: [1, -1, 0, 1] },
      { ...policy, weights: [-1, 1, 0, 0] },
    ];
    expect(new Set(edits.map(policyHash)).size).to.equal(edits.length);
  });
});

describe("a policy judges facts", () => {
  it("accepts the bounds themselves and refuses the next integer on either side", () => {
    expect(evaluatePolicy(policy, facts([0n, 5n, 9n, 9n]))).to.deep.equal({
      sum: -5n,
      complies: true,
      reasons: [],
    });
    expect(evaluatePolicy(policy, facts([100n, 0n, 9n, 9n])).complies).to.equal(true);
    expect(evaluatePolicy(policy, facts([0n, 6n, 0n, 0n])).reasons).to.deep.equal([
      "the sum -6 is below the lower bound -5",
    ]);
    expect(evaluatePolicy(policy, facts([101n, 0n, 0n, 0n])).reasons).to.deep.equal([
      "the sum 101 is above the upper bound 100",
    ]);
  });

  it("allows exactly the categories of the mask", () => {
    const allowed = Array.from({ length: 64 }, (_, category) => category).filter(
      (category) =>
        evaluatePolicy({ ...policy, categoryMask: (1n << 63n) | 1n }, facts([0n, 0n, 0n, 0n], category))
          .complies,
    );
    expect(allowed).to.deep.equal([0, 63]);
  });

  it("gives every reason at once", () => {
    expect(evaluatePolicy(policy, facts([0n, 6n, 0n, 0n], 2)).reasons).to.have.length(2);
  });

  it("never wraps at the extremes", () => {
    const all: Policy = {
      ...policy,
      weights: [-(2 ** 31), -(2 ** 31), -(2 ** 31), -(2 ** 31)],
      lower: 1n - LIMIT,
    };
    const { sum, complies } = evaluatePolicy(all, facts([MAX, MAX, MAX, MAX]));
    expect(sum).to.equal(-4n * 2n ** 31n * MAX);
    expect(complies).to.equal(true);
  });

  it("treats malformed facts as bad input, not as a breach", () => {
    expect(() => evaluatePolicy(policy, facts([MAX + 1n, 0n, 0n, 0n]))).to.throw(InputError);
    expect(() => evaluatePolicy(policy, facts([0n, 0n, 0n, 0n], 64))).to.throw(InputError);
  });
});
