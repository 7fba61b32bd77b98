import { AbiCoder, keccak256 } from "ethers";
import { z } from "zod";
import { CheckError } from "../core/errors.ts";
import { input, withCurve, zKey } from "./snarkjs.ts";

type Pair = [bigint, bigint];

/**
 * A Groth16 verifying key as the `VerifyingKey` struct of `contracts/interfaces/IGroth16Verifier.sol`.
 *
 * Affine coordinates below the base field's modulus; G2 in the order of EIP-197, imaginary part first.
 */
export interface SolidityVerifyingKey {
  readonly alpha: Pair;
  readonly beta: [Pair, Pair];
  readonly gamma: [Pair, Pair];
  readonly delta: [Pair, Pair];
  readonly ic: [Pair, Pair, Pair, Pair, Pair];
}

const coordinate = z.string().regex(/^\d+$/);
const g1 = z.tuple([coordinate, coordinate, z.literal("1")]);
const fp2 = z.tuple([coordinate, coordinate]);
const g2 = z.tuple([fp2, fp2, z.tuple([z.literal("1"), z.literal("0")])]);

/** snarkjs's verification key JSON for a circuit with four public signals; only what a verifier reads is typed. */
const verificationKey = z.looseObject({
  protocol: z.literal("groth16"),
  curve: z.literal("bn128"),
  nPublic: z.literal(4),
  vk_alpha_1: g1,
  vk_beta_2: g2,
  vk_gamma_2: g2,
  vk_delta_2: g2,
  IC: z.tuple([g1, g1, g1, g1, g1]),
});

/** snarkjs's `verification_key.json`, as `snarkjs groth16 verify` takes it; G2 has its real part first. */
export type VerificationKey = z.infer<typeof verificationKey>;

/**
 * Reads the verification key out of a proving key.
 *
 * @throws CheckError when it is not a Groth16 key on BN254 with four public signals, or has a point at infinity.
 */
export async function exportVerificationKey(zkey: string): Promise<VerificationKey> {
  const file = await input(zkey);
  const exported = await withCurve(() => zKey.exportVerificationKey(file));
  const parsed = verificationKey.safeParse(exported);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new CheckError(
    `verification key: ${issue?.path.join(".")}: ${issue?.message}; ` +
      "expected Groth16 on bn128, four public signals, no point at infinity",
  );
}

/** The constructor argument of `Groth16Verifier`. */
export function toSolidity(key: VerificationKey): SolidityVerifyingKey {
  return {
    alpha: point(key.vk_alpha_1),
    beta: twistedPoint(key.vk_beta_2),
    gamma: twistedPoint(key.vk_gamma_2),
    delta: twistedPoint(key.vk_delta_2),
    ic: [point(key.IC[0]), point(key.IC[1]), point(key.IC[2]), point(key.IC[3]), point(key.IC[4])],
  };
}

/** The key's 24 words in the order of the struct, each with its name, e.g. `beta.x.imaginary`. */
export function keyWords(key: SolidityVerifyingKey): [name: string, value: bigint][] {
  const g1Words = (name: string, [x, y]: Pair): [string, bigint][] => [
    [`${name}.x`, x],
    [`${name}.y`, y],
  ];
  const g2Words = (name: string, [[xi, xr], [yi, yr]]: [Pair, Pair]): [string, bigint][] => [
    [`${name}.x.imaginary`, xi],
    [`${name}.x.real`, xr],
    [`${name}.y.imaginary`, yi],
    [`${name}.y.real`, yr],
  ];
  return [
    ...g1Words("alpha", key.alpha),
    ...g2Words("beta", key.beta),
    ...g2Words("gamma", key.gamma),
    ...g2Words("delta", key.delta),
    // ethers hands out arrays of its own kind, whose flatMap is not the usual one.
    ...[...key.ic].flatMap((each, i) => g1Words(`ic[${i}]`, each)),
  ];
}

/** `keccak256(abi.encode(key))`, 0x-hex: names a key in transcripts and deployments, and Solidity can compute it. */
export function verificationKeyHash(key: SolidityVerifyingKey): string {
  const words = keyWords(key).map(([, value]) => value);
  return keccak256(AbiCoder.defaultAbiCoder().encode([`uint256[${words.length}]`], [words]));
}

function point([x, y]: readonly [string, string, string]): Pair {
  return [BigInt(x), BigInt(y)];
}

/** EIP-197 puts the imaginary part first, snarkjs the real one. */
function twistedPoint([x, y]: VerificationKey["vk_beta_2"]): [Pair, Pair] {
  return [
    [BigInt(x[1]), BigInt(x[0])],
    [BigInt(y[1]), BigInt(y[0])],
  ];
}
