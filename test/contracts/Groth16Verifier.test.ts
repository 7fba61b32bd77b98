import { expect } from "chai";
import type { Groth16Verifier } from "../../build/types/contracts/compliance/Groth16Verifier.ts";
import type { SolidityProof } from "../../src/chain/submission.ts";
import { newChain, P, Q } from "../support/contracts/chain.ts";
import { loadEcho, type Signals } from "../support/contracts/echo.ts";
import { rerandomised, withBothNegated, withShiftedC } from "../support/contracts/malleate.ts";
import type { SolidityKey } from "../support/contracts/snarkjs.ts";
import { deployTemplate } from "../support/contracts/template.ts";

const SIGNALS: Signals = [P - 1n, 0n, 2n ** 200n + 7n, 12345n];

describe("Groth16Verifier", () => {
  const fixture = async () => {
    const chain = await newChain();
    const echo = await loadEcho();
    const deploy = async (key: SolidityKey) =>
      (await chain.ethers.deployContract("Groth16Verifier", [key])) as unknown as Groth16Verifier;
    const verifier = await deploy(echo.key);
    const template = await deployTemplate(chain, echo.zkey);
    const meter = await chain.ethers.deployContract("GasMeter__Harness");
    return { chain, echo, deploy, verifier, template, meter, proof: await echo.prove(SIGNALS) };
  };
  let world: Awaited<ReturnType<typeof fixture>>;
  before(async () => {
    world = await fixture();
  });

  const ours = ({ a, b, c }: SolidityProof, signals: Signals) =>
    world.verifier.verify({ a: [...a], b: [[...b[0]], [...b[1]]], c: [...c] }, [...signals]);
  const exported = ({ a, b, c }: SolidityProof, signals: Signals): Promise<boolean> =>
    world.template.getFunction("verifyProof").staticCall(a, b, c, signals);
  /** What ours, the exported verifier and snarkjs itself answer. */
  const all = (proof: SolidityProof, signals: Signals) =>
    Promise.all([ours(proof, signals), exported(proof, signals), world.echo.snarkjsAccepts(proof, signals)]);

  context("constructor", () => {
    it("keeps the key it was given", async () => {
      const { echo, verifier } = world;
      const big = (value: unknown): unknown =>
        Array.isArray(value) ? value.map(big) : BigInt(value as string);
      const { alpha, beta, gamma, delta, ic } = echo.key;
      expect(await verifier.verifyingKey()).to.deep.equal([alpha, beta, gamma, delta, ic].map(big));
    });

    it("reverts if delta equals gamma: nobody contributed to phase 2", async () => {
      const { echo, deploy, verifier } = world;
      expect(echo.uncontributedKey.delta).to.deep.equal(echo.uncontributedKey.gamma);
      await expect(deploy(echo.uncontributedKey)).to.be.revertedWithCustomError(verifier, "DeltaEqualsGamma");
    });

    it("reverts if delta is gamma's negative", async () => {
      const { echo, deploy, verifier } = world;
      const [x, y] = echo.key.gamma;
      const negated = [x, y.map((part) => String(Q - BigInt(part)))] as unknown as SolidityKey["delta"];
      await expect(deploy({ ...echo.key, delta: negated })).to.be.revertedWithCustomError(
        verifier,
        "DeltaEqualsGamma",
      );
    });

    it("reverts if a coordinate is not below the base field's modulus", async () => {
      const { echo, deploy, verifier } = world;
      for (const place of coordinates(echo.key)) {
        const beyond = BigInt(place.get()) + Q;
        await expect(deploy(place.with(beyond)), place.name)
          .to.be.revertedWithCustomError(verifier, "KeyNotInField")
          .withArgs(beyond);
      }
    });

    it("reverts if a point of the key is the point at infinity", async () => {
      const { echo, deploy, verifier } = world;
      const g1 = ["0", "0"] as const;
      const g2 = [g1, g1] as const;
      const ics = echo.key.ic.map((_, i) => ({ ic: echo.key.ic.map((point, j) => (i === j ? g1 : point)) }));
      for (const change of [{ alpha: g1 }, { beta: g2 }, { gamma: g2 }, { delta: g2 }, ...ics]) {
        await expect(deploy({ ...echo.key, ...change })).to.be.revertedWithCustomError(
          verifier,
          "KeyPointAtInfinity",
        );
      }
    });
  });

  context("verify()", () => {
    it("accepts what both oracles accept", async () => {
      const { echo } = world;
      for (const signals of [SIGNALS, [0n, 0n, 0n, 0n], [P - 1n, P - 1n, P - 1n, P - 1n]] as Signals[]) {
        expect(await all(await echo.prove(signals), signals)).to.deep.equal([true, true, true]);
      }
    });

    it("accepts malleated proofs as both oracles do, so nothing may be keyed on a proof's bytes", async () => {
      const { echo, proof } = world;
      expect(await all(withBothNegated(proof), SIGNALS)).to.deep.equal([true, true, true]);
      expect(await all(rerandomised(proof, echo.key, 42n), SIGNALS)).to.deep.equal([true, true, true]);
    });

    it("answers false as both oracles do when any signal is another", async () => {
      for (const place of [0, 1, 2, 3]) {
        const changed = SIGNALS.map((signal, i) => (i === place ? (signal + 1n) % P : signal));
        expect(await all(world.proof, changed as unknown as Signals)).to.deep.equal([false, false, false]);
      }
    });

    it("answers false as the exported verifier does when any coordinate is another", async () => {
      const { proof } = world;
      for (const place of coordinates(proof)) {
        const wrong = place.with((BigInt(place.get()) + 1n) % Q);
        expect([await ours(wrong, SIGNALS), await exported(wrong, SIGNALS)], place.name).to.deep.equal([
          false,
          false,
        ]);
      }
      const other = withShiftedC(proof, 1n);
      expect(await all(other, SIGNALS)).to.deep.equal([false, false, false]);
    });

    it("answers false for a public signal plus the field modulus", async () => {
      for (const place of [0, 1, 2, 3]) {
        const beyond = SIGNALS.map((signal, i) => (i === place ? signal + P : signal)) as unknown as Signals;
        expect([await ours(world.proof, beyond), await exported(world.proof, beyond)]).to.deep.equal([
          false,
          false,
        ]);
      }
    });

    it("answers false for a coordinate plus the base modulus", async () => {
      for (const place of coordinates(world.proof)) {
        expect(await ours(place.with(BigInt(place.get()) + Q), SIGNALS), place.name).to.equal(false);
        expect(await ours(place.with(2n ** 256n - 1n), SIGNALS), place.name).to.equal(false);
      }
    });

    it("answers false for the all-zero proof", async () => {
      const zero = {
        a: ["0", "0"],
        b: [
          ["0", "0"],
          ["0", "0"],
        ],
        c: ["0", "0"],
      } as const;
      expect([await ours(zero, SIGNALS), await exported(zero, SIGNALS)]).to.deep.equal([false, false]);
    });

    it("answers false for a point of the twist outside the subgroup", async () => {
      const outside = { ...world.proof, b: TWIST_POINT_OUTSIDE_SUBGROUP };
      expect([await ours(outside, SIGNALS), await exported(outside, SIGNALS)]).to.deep.equal([false, false]);
    });

    it("needs at most 2 % more gas than the exported verifier", async () => {
      const { verifier, template, meter, proof } = world;
      const gasOf = async (target: { getAddress(): Promise<string> }, data: string): Promise<number> => {
        const [gas, answer] = await meter.getFunction("measure").staticCall(await target.getAddress(), data);
        expect(BigInt(answer)).to.equal(1n);
        return Number(gas);
      };
      const { a, b, c } = proof;
      const [own, theirs] = [
        await gasOf(
          verifier,
          verifier.interface.encodeFunctionData("verify", [proof as never, [...SIGNALS]]),
        ),
        await gasOf(template, template.interface.encodeFunctionData("verifyProof", [a, b, c, SIGNALS])),
      ];
      expect(own / theirs, `${own} and ${theirs} gas`).to.be.at.most(1.02);
    });
  });
});

/** On y^2 = x^3 + 3/(9+u), but not of order p: the first one with x = n*u. */
const TWIST_POINT_OUTSIDE_SUBGROUP: SolidityProof["b"] = [
  ["1", "0"],
  [
    "18388737662781650394536484925627864106167267116893329563320683980901771000933",
    "16030832648161758264004549876281670301789752035901655478622495684390734237343",
  ],
];

interface Place<T> {
  readonly name: string;
  get(): string;
  /** The value with this one coordinate replaced. */
  with(coordinate: bigint): T;
}

/** Every coordinate of a proof or a key, one by one. */
function coordinates<T extends object>(
  value: T,
  name = "",
  build: (changed: unknown) => T = (c) => c as T,
): Place<T>[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const rebuild = (changed: unknown): T =>
      build(
        Array.isArray(value)
          ? value.map((each: unknown, i) => (String(i) === key ? changed : each))
          : { ...value, [key]: changed },
      );
    const place = `${name}.${key}`;
    if (typeof inner !== "string")
      return coordinates(inner as object, place, rebuild as never) as unknown as Place<T>[];
    return [{ name: place, get: () => inner, with: (coordinate: bigint) => rebuild(String(coordinate)) }];
  });
}
