import { bn254 } from "@noble/curves/bn254.js";
import type { SolidityProof } from "../../../src/chain/submission.ts";
import type { SolidityKey } from "./snarkjs.ts";

type G1 = InstanceType<typeof bn254.G1.Point>;
type G2 = InstanceType<typeof bn254.G2.Point>;

/** (-A, -B, C): the same product of pairings. */
export function withBothNegated(proof: SolidityProof): SolidityProof {
  return { a: pair(g1(proof.a).negate()), b: quad(g2(proof.b).negate()), c: proof.c };
}

/** (A, B + r*delta, C + r*A): what anybody can make of a valid proof, and as valid. */
export function rerandomised(proof: SolidityProof, key: SolidityKey, r: bigint): SolidityProof {
  return {
    a: proof.a,
    b: quad(g2(proof.b).add(g2(key.delta).multiply(r))),
    c: pair(g1(proof.c).add(g1(proof.a).multiply(r))),
  };
}

/** The proof with `C + r*G`. Not valid for r != 0. */
export function withShiftedC(proof: SolidityProof, r: bigint): SolidityProof {
  return { ...proof, c: pair(g1(proof.c).add(bn254.G1.Point.BASE.multiply(r))) };
}

function g1([x, y]: SolidityProof["a"]): G1 {
  return bn254.G1.Point.fromAffine({ x: BigInt(x), y: BigInt(y) });
}

function g2([[x1, x0], [y1, y0]]: SolidityProof["b"]): G2 {
  return bn254.G2.Point.fromAffine({
    x: { c0: BigInt(x0), c1: BigInt(x1) },
    y: { c0: BigInt(y0), c1: BigInt(y1) },
  });
}

function pair(point: G1): SolidityProof["a"] {
  const { x, y } = point.toAffine();
  return [String(x), String(y)];
}

function quad(point: G2): SolidityProof["b"] {
  const { x, y } = point.toAffine();
  return [
    [String(x.c1), String(x.c0)],
    [String(y.c1), String(y.c0)],
  ];
}
