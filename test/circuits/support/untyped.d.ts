declare module "r1csfile" {
  /** Linear combination: wire number to coefficient, as `fromRprLE` below reads it. */
  type Combination = Record<string, bigint>;

  export function readR1cs(
    path: string,
    options: {
      getFieldFromPrime(prime: bigint): { fromRprLE(bytes: Uint8Array, offset: number): bigint };
    },
  ): Promise<{
    prime: bigint;
    nVars: number;
    nOutputs: number;
    nPubInputs: number;
    nPrvInputs: number;
    constraints: [Combination, Combination, Combination][];
  }>;
}

declare module "circom_runtime" {
  /** Loads a witness generator; `sanityCheck` has no effect on generators of circom 2, whose checks are compiled in. */
  export function WitnessCalculatorBuilder(code: Uint8Array): Promise<{
    calculateWitness(inputs: Readonly<Record<string, unknown>>, sanityCheck: boolean): Promise<bigint[]>;
  }>;
}
