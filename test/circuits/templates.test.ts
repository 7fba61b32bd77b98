import { expect } from "chai";
import fc from "fast-check";
import { poseidon8 } from "poseidon-lite/poseidon8";
import { SCALAR_ORDER } from "../../src/core/bn254.ts";
import { factCommitment, factsLeaf, policyHash } from "../../src/core/facts/index.ts";
import { type Circuit, type Inputs, loadCircuit } from "./support/circuit.ts";
import { mod } from "./support/dishonest.ts";
import { SAMPLES } from "./support/samples.ts";
import { FACTS, POLICY, U64_MAX } from "./support/statement.ts";

const SUBGROUP_ORDER = 2736030358979909402780800718157159386076813972158567259200215660948447373041n;
const BEYOND = [2n ** 64n, 2n ** 253n, SUBGROUP_ORDER, SCALAR_ORDER - 1n];

/** Whether a template's constraints accept what a generator without checks computes. */
async function accepts(circuit: Circuit, inputs: Inputs): Promise<boolean> {
  return circuit.system.accepts(await circuit.forge(inputs));
}

async function outputOf(name: string, inputs: Inputs): Promise<bigint | undefined> {
  return (await (await loadCircuit(name)).witness(inputs))[1];
}

describe("circuit templates", function () {
  this.timeout(120_000);

  it("assert_fits: takes exactly 0 .. 2^64 - 1", async () => {
    const circuit = await loadCircuit("assert_fits");
    for (const value of [0n, 1n, U64_MAX]) expect(await accepts(circuit, { in: value })).to.equal(true);
    for (const value of BEYOND) expect(await accepts(circuit, { in: value }), `${value}`).to.equal(false);
  });

  it("fit: checks each of its values", async () => {
    const circuit = await loadCircuit("fit");
    expect(await accepts(circuit, { in: [0n, 1n, 2n, U64_MAX] })).to.equal(true);
    for (const place of [0, 1, 2, 3]) {
      const values = [0n, 1n, 2n, 3n].map((value, i) => (i === place ? 2n ** 64n : value));
      expect(await accepts(circuit, { in: values })).to.equal(false);
    }
  });

  it("assert_fits: no choice of bits makes a value that is too large fit", async () => {
    const circuit = await loadCircuit("assert_fits");
    const bits = Array.from({ length: circuit.system.wires - 2 }, (_, i) => i + 2);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...BEYOND),
        fc.bigInt({ min: 0n, max: U64_MAX }),
        async (value, choice) => {
          const witness = [...(await circuit.forge({ in: value }))];
          for (const [i, wire] of bits.entries()) witness[wire] = (choice >> BigInt(i)) & 1n;
          expect(circuit.system.accepts(witness)).to.equal(false);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("member: takes each of the set and nothing else", async () => {
    const circuit = await loadCircuit("member");
    const { set } = SAMPLES.member as { set: bigint[] };
    for (const value of set) expect(await accepts(circuit, { value, set })).to.equal(true);
    for (const value of [0n, 9n, 18n, SCALAR_ORDER - 1n]) {
      expect(await accepts(circuit, { value, set })).to.equal(false);
    }
  });

  it("bit_is_set: takes exactly the set bits of a mask", async () => {
    const circuit = await loadCircuit("bit_is_set");
    for (const mask of [0n, 1n, 1n << 63n, U64_MAX, 0xa5a5_0ff0_1234_8001n]) {
      for (let index = 0n; index < 64n; index++) {
        const isSet = ((mask >> index) & 1n) === 1n;
        expect(await accepts(circuit, { mask, index }), `bit ${index} of ${mask}`).to.equal(isSet);
      }
    }
  });

  it("bit_is_set: takes no index or mask out of range", async () => {
    const circuit = await loadCircuit("bit_is_set");
    for (const index of [64n, 127n, ...BEYOND]) {
      expect(await accepts(circuit, { mask: U64_MAX, index })).to.equal(false);
    }
    for (const high of BEYOND) {
      expect(await accepts(circuit, { mask: mod(high + 1n), index: 0n })).to.equal(false);
    }
  });

  it("bit_is_set: no choice of halves shows a bit that is not set", async () => {
    const circuit = await loadCircuit("bit_is_set");
    const half = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 33n }),
      fc.bigInt({ min: 0n, max: SCALAR_ORDER - 1n }),
    );
    const position = fc.record({
      mask: fc.bigInt({ min: 0n, max: U64_MAX }),
      index: fc.bigInt({ min: 0n, max: 63n }),
      halves: fc.array(fc.option(half, { nil: undefined }), { minLength: 6, maxLength: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(position, async ({ mask, index, halves }) => {
        const unset = mask & ~(1n << index);
        expect(circuit.system.accepts(cut(circuit, unset, index, halves))).to.equal(false);
      }),
      { numRuns: 150 },
    );
    // The same construction with honest halves is accepted when the bit is set.
    expect(circuit.system.accepts(cut(circuit, 0xff00n, 9n, []))).to.equal(true);
  });

  it("within_bounds: takes exactly lower <= sum <= upper, negative ones included", async () => {
    const circuit = await loadCircuit("within_bounds");
    const range = (sum: bigint, lower: bigint, upper: bigint): Promise<boolean> =>
      accepts(circuit, { sum: mod(sum), lower: mod(lower), upper: mod(upper) });
    expect(await range(-9n, -9n, 3n)).to.equal(true);
    expect(await range(3n, -9n, 3n)).to.equal(true);
    expect(await range(-10n, -9n, 3n)).to.equal(false);
    expect(await range(4n, -9n, 3n)).to.equal(false);
    expect(await range(0n, 3n, -9n)).to.equal(false);
    const [sum, bound] = [2n ** 97n - 1n, 2n ** 100n - 1n];
    expect(await range(-sum, -bound, bound)).to.equal(true);
    expect(await range(sum, -bound, bound)).to.equal(true);
    expect(await range(-sum, bound, bound)).to.equal(false);
    expect(await range(sum, -bound, -bound)).to.equal(false);
    // Exactly 102 bits, as docs/formats.md says, for bounds that no contract would register.
    expect(await range(0n, -(2n ** 102n - 1n), 0n)).to.equal(true);
    expect(await range(0n, -(2n ** 102n), 0n)).to.equal(false);
    expect(await range(0n, 0n, 2n ** 102n)).to.equal(false);
  });

  it("weighted_sum: is signed, and exact at the extremes", async () => {
    const amounts = [U64_MAX, U64_MAX, U64_MAX, U64_MAX];
    const least = await outputOf("weighted_sum", { amounts, weights: [0n, 0n, 0n, 0n] });
    expect(least).to.equal(mod(-(2n ** 33n) * U64_MAX));
    const most = await outputOf("weighted_sum", { amounts, weights: Array(4).fill(2n ** 32n - 1n) });
    expect(most).to.equal(4n * (2n ** 31n - 1n) * U64_MAX);
  });

  it("fact_commitment, policy_hash, facts_leaf: agree with src/core", async () => {
    expect(await outputOf("fact_commitment", SAMPLES.fact_commitment)).to.equal(factCommitment(FACTS));
    expect(await outputOf("policy_hash", SAMPLES.policy_hash)).to.equal(policyHash(POLICY));
    expect(await outputOf("facts_leaf", SAMPLES.facts_leaf)).to.equal(factsLeaf(1n, 2n, 3n));
  });

  it("facts_tree_root: takes a leaf at any place, and no other", async () => {
    const circuit = await loadCircuit("facts_tree_root");
    const { children } = SAMPLES.facts_tree_root as { children: [bigint[], bigint[]] };
    for (const leaf of children[0]) {
      expect(await outputOf("facts_tree_root", { leaf, children })).to.equal(poseidon8(children[1]));
    }
    for (const leaf of [0n, 19n, children[1][1]]) {
      expect(await accepts(circuit, { leaf, children })).to.equal(false);
    }
  });
});

/**
 * A witness for BitIsSet whose upper halves are chosen by a prover; where undefined, the honest one. Everything that
 * follows from a half is computed as the constraints want it, so that only range checks and the last bit can refuse.
 */
function cut(
  circuit: Circuit,
  mask: bigint,
  index: bigint,
  halves: readonly (bigint | undefined)[],
): bigint[] {
  const values = new Map<string, bigint>([
    ["main.mask", mask],
    ["main.index", index],
    ["main.maskInRange", mask],
    ["main.indexInRange", index],
  ]);
  for (let i = 0; i < 6; i++) values.set(`main.indexBits.out[${i}]`, (index >> BigInt(i)) & 1n);
  let kept = mask;
  for (let i = 0; i < 6; i++) {
    const width = BigInt(1 << (5 - i));
    const high = halves[i] ?? kept >> width;
    const low = mod(kept - (high << width));
    const next = ((index >> BigInt(5 - i)) & 1n) === 1n ? high : low;
    const left = mod(low + high - next);
    values
      .set(`main.high[${i}]`, high)
      .set(`main.low[${i}]`, low)
      .set(`main.kept[${i + 1}]`, next);
    for (let bit = 0n; bit < width; bit++) {
      values.set(`main.leftFits[${i}].bits.out[${bit}]`, (left >> bit) & 1n);
    }
    kept = next;
  }
  return Array.from({ length: circuit.system.wires }, (_, wire) =>
    wire === 0 ? 1n : (values.get(circuit.name(wire)) ?? expect.fail(`no value for ${circuit.name(wire)}`)),
  );
}
