import { expect } from "chai";
import fc from "fast-check";
import { SCALAR_ORDER } from "../../src/core/bn254.ts";
import {
  type CircuitInputs,
  evaluatePolicy,
  type Facts,
  type Policy,
  publicSignals,
  subjectOf,
} from "../../src/core/facts/index.ts";
import { type Circuit, loadCircuit } from "./support/circuit.ts";
import { consistentInputs, mod } from "./support/dishonest.ts";
import { FACTS, inputsOf, POLICY, U64_MAX } from "./support/statement.ts";

const BOUND_MAX = 2n ** 100n - 1n;
const MIN_WEIGHT = -(2 ** 31);
/** Order of the Baby Jubjub subgroup: a bound that code for this curve likes to confuse with the field's. */
const SUBGROUP_ORDER = 2736030358979909402780800718157159386076813972158567259200215660948447373041n;

const honest = inputsOf();
const UNWEIGHTED = Array<bigint>(4).fill(2n ** 31n);

/** A list with one value replaced. */
function put(values: readonly bigint[], changes: Readonly<Record<number, bigint>>): bigint[] {
  return values.map((value, index) => changes[index] ?? value);
}

describe("compliance circuit", function () {
  this.timeout(120_000);
  let circuit: Circuit;

  before(async () => {
    circuit = await loadCircuit("compliance");
  });

  async function accepts(inputs: CircuitInputs): Promise<boolean> {
    return circuit.system.accepts(await circuit.forge({ ...inputs }));
  }

  /** Expects a dishonest witness to break constraints of the named component, and no others. */
  async function refusedBy(component: RegExp, inputs: CircuitInputs): Promise<void> {
    const broken = circuit.system.broken(await circuit.forge({ ...inputs }));
    expect(broken.length, "broken constraints").to.be.greaterThan(0);
    for (const wires of broken) {
      expect(
        wires.map(circuit.name).some((name) => component.test(name)),
        wires.map(circuit.name).join(),
      ).to.equal(true);
    }
    let generated = true;
    await circuit.witness({ ...inputs }).catch(() => {
      generated = false;
    });
    expect(generated, "the honest generator also refuses").to.equal(false);
  }

  describe("accepts", () => {
    it("facts that comply, with the public signals that src/core computes", async () => {
      const witness = await circuit.witness({ ...honest });
      expect(circuit.system.accepts(witness)).to.equal(true);
      expect(witness.slice(1, 5)).to.deep.equal(publicSignals(honest));
      expect(witness.slice(1, 5)).to.deep.equal([
        honest.factsRoot,
        honest.policyHash,
        honest.subject,
        honest.context,
      ]);
    });

    it("the bounds themselves, the largest amounts, both extreme weights, both extreme bounds, category 63", async () => {
      const cases: [Partial<Facts>, Partial<Policy>][] = [
        [{}, { lower: 747n, upper: 747n }],
        [{ amounts: [0n, 0n, 0n, 0n] }, { lower: 0n, upper: 0n }],
        [{ amounts: [0n, 9n, 0n, 0n] }, { lower: -9n, upper: -9n }],
        [
          { amounts: [U64_MAX, U64_MAX, U64_MAX, U64_MAX], category: 63, salt: SCALAR_ORDER - 1n },
          {
            weights: [MIN_WEIGHT, MIN_WEIGHT, MIN_WEIGHT, MIN_WEIGHT],
            lower: -BOUND_MAX,
            upper: BOUND_MAX,
            categoryMask: U64_MAX,
          },
        ],
        [
          { amounts: [U64_MAX, U64_MAX, U64_MAX, U64_MAX], category: 0, salt: 0n },
          {
            weights: [2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1],
            lower: -BOUND_MAX,
            upper: BOUND_MAX,
            categoryMask: 1n,
          },
        ],
      ];
      for (const [facts, policy] of cases) {
        expect(await accepts(inputsOf({ ...FACTS, ...facts }, { ...POLICY, ...policy }))).to.equal(true);
      }
    });

    it("exactly what evaluatePolicy calls compliant", async () => {
      const small = fc.bigInt({ min: 0n, max: 20n });
      const weight = fc.integer({ min: -2, max: 2 });
      const facts: fc.Arbitrary<Facts> = fc.record({
        amounts: fc.tuple(small, small, small, small),
        category: fc.integer({ min: 0, max: 63 }),
        salt: fc.bigInt({ min: 0n, max: SCALAR_ORDER - 1n }),
      });
      const policy: fc.Arbitrary<Policy> = fc.record({
        weights: fc.tuple(weight, weight, weight, weight),
        lower: fc.bigInt({ min: -30n, max: 0n }),
        upper: fc.bigInt({ min: 0n, max: 30n }),
        categoryMask: fc.bigInt({ min: 0n, max: U64_MAX }),
      });
      let complied = 0;
      await fc.assert(
        fc.asyncProperty(facts, policy, async (someFacts, somePolicy) => {
          const { complies } = evaluatePolicy(somePolicy, someFacts);
          complied += complies ? 1 : 0;
          expect(await accepts(inputsOf(someFacts, somePolicy))).to.equal(complies);
        }),
        { numRuns: 30, seed: 20260101 },
      );
      expect(complied).to.be.within(5, 25);
    });
  });

  describe("refuses, with every hash made right", () => {
    for (const [what, amount] of [
      ["2^64", 2n ** 64n],
      ["2^64 + 1", 2n ** 64n + 1n],
      ["the subgroup's order", SUBGROUP_ORDER],
      ["the field's order - 1", SCALAR_ORDER - 1n],
    ] as const) {
      it(`an amount of ${what}, in any place`, async () => {
        // No weight on it, so that only its range can refuse it.
        for (const place of [0, 1, 2, 3]) {
          const inputs = consistentInputs({
            amounts: put(honest.amounts, { [place]: amount }),
            weights: UNWEIGHTED,
            lower: 0n,
            upper: 0n,
          });
          await refusedBy(new RegExp(`amountsInRange.*\\[${place}\\]|amounts\\[${place}\\]`), inputs);
        }
      });
    }

    it("a weight of 2^32 in offset form, in any place", async () => {
      for (const place of [0, 1, 2, 3]) {
        const inputs = consistentInputs({
          amounts: [0n, 0n, 0n, 0n],
          weights: put(honest.weights, { [place]: 2n ** 32n }),
          lower: 0n,
          upper: 0n,
        });
        await refusedBy(new RegExp(`weightsInRange.*\\[${place}\\]|weights\\[${place}\\]`), inputs);
      }
    });

    it("a sum one below the lower bound, one above the upper bound, and bounds that are crossed", async () => {
      for (const [lower, upper] of [
        [748n, 800n],
        [700n, 746n],
        [748n, 746n],
      ] as const) {
        await refusedBy(/WithinBounds/, consistentInputs({ lower, upper }));
      }
    });

    it("a sum that only wrapping round the field would put within the bounds", async () => {
      // Offset form: weights of -2^31, the most negative sum there is.
      const extreme = { amounts: Array<bigint>(4).fill(U64_MAX), weights: Array<bigint>(4).fill(0n) };
      const most = consistentInputs({ ...extreme, lower: 0n, upper: BOUND_MAX });
      await refusedBy(/WithinBounds/, most);
      const least = consistentInputs({ lower: BOUND_MAX, upper: BOUND_MAX });
      await refusedBy(/WithinBounds/, least);
      const negative = consistentInputs({ lower: mod(-BOUND_MAX), upper: mod(-1n) });
      await refusedBy(/WithinBounds/, negative);
    });

    it("a category outside the mask, category 64 and a category that is no small number", async () => {
      await refusedBy(/allowed/, consistentInputs({ category: 6n }));
      await refusedBy(/allowed/, consistentInputs({ categoryMask: 0n }));
      for (const category of [64n, 255n, SCALAR_ORDER - 1n, SUBGROUP_ORDER]) {
        await refusedBy(/allowed|category/, consistentInputs({ category, categoryMask: U64_MAX }));
      }
      // Bit 64 is not a bit of the mask, whatever stands there.
      await refusedBy(/allowed|category/, consistentInputs({ category: 64n, categoryMask: 2n ** 64n }));
    });

    it("a mask of 2^64 and more", async () => {
      const [bit, order] = [1n << honest.category, SCALAR_ORDER - 1n];
      for (const categoryMask of [2n ** 64n + bit, order]) {
        await refusedBy(/allowed|categoryMask/, consistentInputs({ categoryMask }));
      }
    });
  });

  describe("refuses packed vectors that collide with a registered one", () => {
    const [a0 = 0n, a1 = 0n, , a3 = 0n] = honest.amounts;
    const [w0 = 0n, w1 = 0n, , w3 = 0n] = honest.weights;
    const { category, categoryMask } = honest;
    const inverse = (bits: bigint): bigint => power(2n, SCALAR_ORDER - 1n - bits);

    const facts: [string, Partial<CircuitInputs>][] = [
      [
        "an amount that borrows from its neighbour",
        { amounts: put(honest.amounts, { 0: a0 + 2n ** 64n, 1: a1 - 1n }) },
      ],
      [
        "an amount moved into its neighbour by dividing in the field",
        { amounts: put(honest.amounts, { 0: 0n, 1: mod(a1 + a0 * inverse(64n)) }) },
      ],
      [
        "a category moved into the fourth amount",
        { amounts: put(honest.amounts, { 3: a3 + 3n * 2n ** 64n }), category: category - 3n },
      ],
      [
        "a fourth amount moved into the category",
        { amounts: put(honest.amounts, { 3: 0n }), category: mod(category + a3 * inverse(64n)) },
      ],
    ];
    for (const [what, changes] of facts) {
      it(`${what}: same commitment, same root`, async () => {
        const plain = consistentInputs({ lower: mod(-BOUND_MAX), upper: BOUND_MAX, categoryMask: U64_MAX });
        const forged = { ...plain, ...changes };
        expect(await accepts(plain)).to.equal(true);
        expect(consistentInputs(forged).factsRoot, "the packed forms collide").to.equal(plain.factsRoot);
        expect(await accepts(forged)).to.equal(false);
      });
    }

    const policies: [string, Partial<CircuitInputs>][] = [
      [
        "a weight that borrows from its neighbour",
        { weights: put(honest.weights, { 0: w0 + 2n ** 32n, 1: w1 - 1n }) },
      ],
      [
        "a mask bit moved into the fourth weight",
        { weights: put(honest.weights, { 3: w3 + 2n * 2n ** 32n }), categoryMask: categoryMask - 2n },
      ],
      [
        "a weight moved into the mask by dividing in the field",
        { weights: put(honest.weights, { 3: 0n }), categoryMask: mod(categoryMask + w3 * inverse(32n)) },
      ],
    ];
    for (const [what, changes] of policies) {
      it(`${what}: same policy hash`, async () => {
        const forged = { ...honest, ...changes };
        expect(consistentInputs(forged).policyHash, "the packed forms collide").to.equal(honest.policyHash);
        expect(await accepts(forged)).to.equal(false);
      });
    }
  });

  describe("refuses a statement that is not the registered or anchored one", () => {
    it("policy limits edited by the prover", async () => {
      const edits: Partial<CircuitInputs>[] = [
        { lower: 699n },
        { upper: 801n },
        { weights: put(honest.weights, { 3: 2n ** 31n + 1n }) },
        { categoryMask: U64_MAX },
      ];
      for (const edit of edits) await refusedBy(/PolicyHash|policyHash/, { ...honest, ...edit });
    });

    it("another policy hash", async () => {
      await refusedBy(/PolicyHash|policyHash/, { ...honest, policyHash: honest.policyHash + 1n });
    });

    it("a leaf built for one agent, stream or sequence, proved for another", async () => {
      const agent = "0x550e8400e29b41d4a716446655440000";
      const here = subjectOf(`0x${"11".repeat(32)}`, agent);
      const there = subjectOf(`0x${"22".repeat(32)}`, agent);
      const anchored = consistentInputs({ subject: here });
      expect(await accepts(anchored)).to.equal(true);
      await refusedBy(/FactsTreeRoot/, { ...anchored, subject: there });
      await refusedBy(/FactsTreeRoot/, { ...honest, subject: honest.subject + 1n });
      await refusedBy(/FactsTreeRoot/, { ...honest, sequence: honest.sequence + 1n });
    });

    it("other facts than the committed ones", async () => {
      await refusedBy(/FactsTreeRoot/, { ...honest, salt: honest.salt + 1n });
      await refusedBy(/FactsTreeRoot/, { ...honest, amounts: put(honest.amounts, { 3: 5n }) });
      await refusedBy(/FactsTreeRoot/, { ...honest, category: 2n });
    });

    it("a facts root of zero or of another batch", async () => {
      for (const factsRoot of [0n, consistentInputs({}).factsRoot]) {
        await refusedBy(/FactsTreeRoot|factsRoot/, { ...honest, factsRoot });
      }
    });

    it("an empty place of the tree passed off as the leaf's", async () => {
      const empty = honest.children.map((row, level) => (level === 0 ? row.map(() => 0n) : [...row]));
      await refusedBy(/FactsTreeRoot|factsRoot/, { ...honest, children: empty });
      const cut = honest.children.map((row, level) => (level === 1 ? put(row, { 1: 0n }) : [...row]));
      await refusedBy(/FactsTreeRoot|factsRoot/, { ...honest, children: cut });
    });

    it("a finished proof moved to another context, its negative included", async () => {
      const witness = await circuit.witness({ ...honest });
      const wire = circuit.wire("main.context") ?? expect.fail("the context was dropped");
      for (const context of [honest.context + 1n, 0n, mod(-honest.context)]) {
        expect(circuit.system.notices(witness, wire, context)).to.equal(true);
      }
    });
  });
});

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}
