import * as snarkjs from "snarkjs";
import type { SolidityProof } from "../../../src/chain/submission.ts";

/** A G2 point as EIP-197 takes it: the imaginary part first. */
type G2 = readonly [readonly [string, string], readonly [string, string]];
type G1 = readonly [string, string];

/** A verifying key as `Groth16Verifier`'s constructor takes it. */
export interface SolidityKey {
  readonly alpha: G1;
  readonly beta: G2;
  readonly gamma: G2;
  readonly delta: G2;
  readonly ic: readonly G1[];
}

/** snarkjs's JSON form of a verifying key: projective points, the real part first. */
export interface SnarkjsKey {
  readonly vk_alpha_1: readonly string[];
  readonly vk_beta_2: readonly (readonly string[])[];
  readonly vk_gamma_2: readonly (readonly string[])[];
  readonly vk_delta_2: readonly (readonly string[])[];
  readonly IC: readonly (readonly string[])[];
}

export function solidityKey(key: SnarkjsKey): SolidityKey {
  return {
    alpha: g1(key.vk_alpha_1),
    beta: g2(key.vk_beta_2),
    gamma: g2(key.vk_gamma_2),
    delta: g2(key.vk_delta_2),
    ic: key.IC.map(g1),
  };
}

export function solidityProof(proof: snarkjs.Groth16Proof): SolidityProof {
  return { a: g1(proof.pi_a), b: g2(proof.pi_b), c: g1(proof.pi_c) };
}

export function snarkjsProof({ a, b, c }: SolidityProof): snarkjs.Groth16Proof {
  return {
    pi_a: [...a, "1"],
    pi_b: [
      [b[0][1], b[0][0]],
      [b[1][1], b[1][0]],
      ["1", "0"],
    ],
    pi_c: [...c, "1"],
    protocol: "groth16",
    curve: "bn128",
  };
}

/**
 * Makes snarkjs work in this thread: it takes its curve from a global if there is one, builds one with worker threads
 * at each call otherwise, and with worker threads left no process would end. For circuits this small it is faster too.
 */
export async function inOneThread(): Promise<void> {
  const shared = globalThis as { curve_bn128?: unknown };
  // @ts-expect-error: snarkjs exports `curves`, its published types do not
  shared.curve_bn128 ??= await snarkjs.curves.getCurveFromName("bn128", { singleThread: true });
}

function g1(point: readonly string[]): G1 {
  return [at(point, 0), at(point, 1)];
}

function g2(point: readonly (readonly string[])[]): G2 {
  const [x, y] = [at(point, 0), at(point, 1)];
  return [
    [at(x, 1), at(x, 0)],
    [at(y, 1), at(y, 0)],
  ];
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`a point without coordinate ${index}`);
  return item;
}
