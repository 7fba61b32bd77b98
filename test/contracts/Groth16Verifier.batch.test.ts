import { expect } from "chai";
import { AbiCoder, concat, keccak256, toBeHex } from "ethers";
import type { Groth16Verifier } from "../../build/types/contracts/compliance/Groth16Verifier.ts";
import type { SolidityProof } from "../../src/chain/submission.ts";
import { newChain, P, Q } from "../support/contracts/chain.ts";
import { loadEcho, type Signals } from "../support/contracts/echo.ts";
import { rerandomised, withBothNegated, withShiftedC } from "../support/contracts/malleate.ts";

interface Item {
  readonly proof: SolidityProof;
  readonly signals: Signals;
}

const SEED = keccak256("0x01");

describe("Groth16Verifier", () => {
  const fixture = async () => {
    const chain = await newChain();
    const echo = await loadEcho();
    const verifier = (await chain.ethers.deployContract("Groth16Verifier", [
      echo.key,
    ])) as unknown as Groth16Verifier;
    const items: Item[] = [];
    for (let i = 0n; i < 5n; i++) {
      const signals: Signals = [i, P - 1n - i, i * i + 1n, 2n ** 250n + i];
      items.push({ signals, proof: await echo.prove(signals) });
    }
    return { echo, verifier, items };
  };
  let world: Awaited<ReturnType<typeof fixture>>;
  before(async () => {
    world = await fixture();
  });

  const accepts = (items: readonly Item[], seed = SEED) =>
    world.verifier.verifyBatch(
      items.map((item) => item.proof as never),
      items.map((item) => [...item.signals] as never),
      seed,
    );
  const three = () => world.items.slice(0, 3);
  const replaced = (items: readonly Item[], index: number, change: (item: Item) => Partial<Item>) =>
    items.map((item, i) => (i === index ? { ...item, ...change(item) } : item));

  context("verifyBatch()", () => {
    it("accepts 1, 2 and 16 valid proofs, the same one twice included", async () => {
      const { echo, items } = world;
      const sixteen = Array.from({ length: 16 }, (_, i) => items[i % 5] as Item);
      expect(await accepts(items.slice(0, 1))).to.equal(true);
      expect(await accepts(items.slice(0, 2))).to.equal(true);
      expect(await accepts(sixteen)).to.equal(true);
      expect(await accepts(sixteen, keccak256("0x02"))).to.equal(true);
      const malleated = replaced(sixteen, 3, ({ proof }) => ({ proof: rerandomised(proof, echo.key, 9n) }));
      expect(
        await accepts(replaced(malleated, 4, ({ proof }) => ({ proof: withBothNegated(proof) }))),
      ).to.equal(true);
    });

    it("answers false for an empty batch and for lists of different lengths", async () => {
      const { verifier, items } = world;
      expect(await accepts([])).to.equal(false);
      const proofs = items.map((item) => item.proof as never);
      const signals = items.map((item) => [...item.signals] as never);
      expect(await verifier.verifyBatch(proofs.slice(1), signals, SEED)).to.equal(false);
      expect(await verifier.verifyBatch(proofs, signals.slice(1), SEED)).to.equal(false);
    });

    it("answers false for one bad proof at any place", async () => {
      for (const k of [1, 2, 5]) {
        for (let place = 0; place < k; place++) {
          const batch = world.items.slice(0, k);
          const wrongProof = replaced(batch, place, ({ proof }) => ({ proof: withShiftedC(proof, 1n) }));
          const wrongSignal = replaced(batch, place, ({ signals: [a, b, c, d] }) => ({
            signals: [a, b, c, d + 1n],
          }));
          expect(await accepts(wrongProof), `proof ${place} of ${k}`).to.equal(false);
          expect(await accepts(wrongSignal), `signal ${place} of ${k}`).to.equal(false);
        }
      }
    });

    it("answers false for signals exchanged between two proofs", async () => {
      const [first, second, third] = three() as [Item, Item, Item];
      const exchanged = [{ ...first, signals: second.signals }, { ...second, signals: first.signals }, third];
      expect(await accepts(exchanged)).to.equal(false);
    });

    it("answers false for two faults that would cancel under equal coefficients", async () => {
      const batch = replaced(three(), 0, ({ proof }) => ({ proof: withShiftedC(proof, 5n) }));
      expect(
        await accepts(replaced(batch, 2, ({ proof }) => ({ proof: withShiftedC(proof, P - 5n) }))),
      ).to.equal(false);
    });

    it("answers false for two faults that would cancel if proofs were left out of the coefficients", async () => {
      const batch = three();
      for (const leftOut of ["nothing", "proofs", "c"] as const) {
        const [r0, , r2] = coefficients(batch, leftOut) as [bigint, bigint, bigint];
        // r0 * r2 + r2 * (-r0) = 0, had the forged proofs not changed both coefficients.
        const forged = replaced(batch, 0, ({ proof }) => ({ proof: withShiftedC(proof, r2) }));
        const both = replaced(forged, 2, ({ proof }) => ({ proof: withShiftedC(proof, P - r0) }));
        expect(await accepts(both), leftOut).to.equal(false);
      }
    });

    it("answers false for two faults that would cancel if signals were left out of the coefficients", async () => {
      const shifted = ({ signals: [s0, s1, s2, s3] }: Item, by: bigint) => ({
        signals: [(s0 + by) % P, s1, s2, s3] as const,
      });
      const batch = three();
      for (const leftOut of ["nothing", "signals"] as const) {
        const [r0, , r2] = coefficients(batch, leftOut) as [bigint, bigint, bigint];
        const forged = replaced(batch, 0, (item) => shifted(item, r2));
        expect(await accepts(replaced(forged, 2, (item) => shifted(item, P - r0))), leftOut).to.equal(false);
      }
    });

    it("answers false for a public signal plus the field modulus at any place", async () => {
      for (const place of [0, 1, 2]) {
        for (const j of [0, 1, 2, 3]) {
          const beyond = replaced(three(), place, ({ signals }) => ({
            signals: signals.map((signal, i) => (i === j ? signal + P : signal)) as unknown as Signals,
          }));
          expect(await accepts(beyond), `signal ${j} of proof ${place}`).to.equal(false);
        }
      }
    });

    it("answers false for a coordinate plus the base modulus at any place", async () => {
      const plus = (coordinate: string): string => String(BigInt(coordinate) + Q);
      const changes: ((proof: SolidityProof) => Partial<SolidityProof>)[] = [
        ({ a: [x, y] }) => ({ a: [plus(x), y] }),
        ({ a: [x, y] }) => ({ a: [x, plus(y)] }),
        ({ b: [[x1, x0], y] }) => ({ b: [[plus(x1), x0], y] }),
        ({ b: [x, [y1, y0]] }) => ({ b: [x, [y1, plus(y0)]] }),
        ({ c: [x, y] }) => ({ c: [plus(x), y] }),
        ({ c: [x, y] }) => ({ c: [x, plus(y)] }),
      ];
      for (const place of [0, 2]) {
        for (const [i, change] of changes.entries()) {
          const beyond = replaced(three(), place, ({ proof }) => ({ proof: { ...proof, ...change(proof) } }));
          expect(await accepts(beyond), `change ${i} of proof ${place}`).to.equal(false);
        }
      }
    });
  });
});

/**
 * The coefficients as the contract documents them, or of a contract that hashes zeros in place of something: what an
 * attacker would compute before it forges.
 */
function coefficients(items: readonly Item[], leftOut: "nothing" | "proofs" | "c" | "signals"): bigint[] {
  const words = (list: readonly (string | bigint)[]): string => concat(list.map((each) => toBeHex(each, 32)));
  const zeros = (count: number): string => `0x${"00".repeat(32 * count)}`;
  const proofs = items.map(({ proof: { a, b, c } }) => {
    if (leftOut === "proofs") return zeros(8);
    return concat([words([...a, ...b[0], ...b[1]]), leftOut === "c" ? zeros(2) : words(c)]);
  });
  const signals = items.map((item) => (leftOut === "signals" ? zeros(4) : words(item.signals)));
  const transcript = keccak256(concat([SEED, ...proofs, ...signals]));
  return items.map((_, i) => {
    const hash = keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [transcript, i]));
    return BigInt(hash) >> 128n;
  });
}
