import { bn254 } from "@noble/curves/bn254.js";
import type { ProofFile } from "../../chain/proof-file.ts";
import type { VerifyingKey } from "../../chain/relay/verifier-calls.ts";

const G1 = bn254.G1.Point;
const G2 = bn254.G2.Point;
const { Fp2, Fp12 } = bn254.fields;

type G1Pair = readonly [bigint, bigint] | readonly [string, string];
type G2Pair = readonly [G1Pair, G1Pair];

/**
 * Whether a Groth16 proof holds for its public signals under a verifying key: computed here, so that no node is asked
 * whether money is to be spent. A proof that is malformed does not hold.
 *
 * @param signals Field elements in the circuit's order.
 */
export function proofHolds(
  key: VerifyingKey,
  signals: readonly bigint[],
  proof: ProofFile["proof"],
): boolean {
  try {
    const [constant, ...terms] = key.ic.map(g1);
    if (constant === undefined || terms.length !== signals.length) return false;
    const input = terms.reduce((sum, term, i) => sum.add(term.multiplyUnsafe(signals[i] ?? 0n)), constant);
    const product = bn254.pairingBatch([
      { g1: g1(proof.a).negate(), g2: g2(proof.b) },
      { g1: g1(key.alpha), g2: g2(key.beta) },
      { g1: input, g2: g2(key.gamma) },
      { g1: g1(proof.c), g2: g2(key.delta) },
    ]);
    return Fp12.eql(product, Fp12.ONE);
  } catch {
    // What the library throws for a point that is not on its curve, or not in the group.
    return false;
  }
}

function g1([x, y]: G1Pair) {
  const point = G1.fromAffine({ x: BigInt(x), y: BigInt(y) });
  point.assertValidity();
  return point;
}

/** EIP-197's order has the imaginary part first. */
function g2([x, y]: G2Pair) {
  const [fx, fy] = [x, y].map(([imaginary, real]) => Fp2.fromBigTuple([BigInt(real), BigInt(imaginary)]));
  if (fx === undefined || fy === undefined) throw new Error("a point has two coordinates");
  const point = G2.fromAffine({ x: fx, y: fy });
  point.assertValidity();
  return point;
}
