import { z } from "zod";
import { InputError } from "../core/errors.ts";

/** Order of BN254's base field, in which coordinates of points lie. */
const BASE_FIELD_ORDER = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

const coordinate = z
  .string()
  .regex(/^(0|[1-9]\d{0,76})$/, "expected a decimal string")
  .refine((text) => BigInt(text) < BASE_FIELD_ORDER, "expected a number below the base field's order");
const g1 = z.tuple([coordinate, coordinate, z.literal("1")]);
const fp2 = z.tuple([coordinate, coordinate]);

const groth16Proof = z.strictObject({
  pi_a: g1,
  pi_b: z.tuple([fp2, fp2, z.tuple([z.literal("1"), z.literal("0")])]),
  pi_c: g1,
  protocol: z.literal("groth16"),
  curve: z.literal("bn128"),
});

/** A proof as snarkjs writes and takes it: affine, decimal strings, the real part of `pi_b` first. */
export type Groth16Proof = z.infer<typeof groth16Proof>;

/** The `Proof` struct of `contracts/interfaces/IGroth16Verifier.sol`: the order of EIP-197, imaginary part first. */
export interface SolidityProof {
  readonly a: [bigint, bigint];
  readonly b: [[bigint, bigint], [bigint, bigint]];
  readonly c: [bigint, bigint];
}

/**
 * Takes a proof from JSON. That its points are on the curve is left to verification.
 *
 * @throws InputError naming the first part that is malformed.
 */
export function parseProof(json: unknown): Groth16Proof {
  const parsed = groth16Proof.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? "" : ` ${issue.path.join(".")}`;
  throw new InputError(`proof${where}: ${issue?.message ?? "expected a Groth16 proof on bn128"}`);
}

/** The proof as the contracts take it. */
export function proofToSolidity({ pi_a, pi_b, pi_c }: Groth16Proof): SolidityProof {
  const [x, y] = pi_b;
  return {
    a: [BigInt(pi_a[0]), BigInt(pi_a[1])],
    b: [
      [BigInt(x[1]), BigInt(x[0])],
      [BigInt(y[1]), BigInt(y[0])],
    ],
    c: [BigInt(pi_c[0]), BigInt(pi_c[1])],
  };
}
