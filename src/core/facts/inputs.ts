import { InputError } from "../errors.ts";
import { type Facts, factCommitment } from "./facts.ts";
import { requireFieldElement, toField } from "./field.ts";
import { offsetWeights, type Policy, policyHash } from "./policy.ts";
import { type FactsPath, factsLeaf, factsRootFromPath } from "./tree.ts";

/** What a proof is made of. */
export interface Statement {
  readonly facts: Facts;
  readonly policy: Policy;
  /** See `subjectOf`. */
  readonly subject: bigint;
  /** The event's sequence number, u64. */
  readonly sequence: bigint;
  /** See `contextOf`. */
  readonly context: bigint;
  /** The leaf's path in its batch's facts tree. */
  readonly path: FactsPath;
}

/** The circuit's public signals, by name. */
export interface PublicSignals {
  readonly factsRoot: bigint;
  readonly policyHash: bigint;
  readonly subject: bigint;
  readonly context: bigint;
}

/** Order of the public signals in a proof: the one table of their indices. */
export const PUBLIC_SIGNALS = ["factsRoot", "policyHash", "subject", "context"] as const;

/** Every input signal of `compliance.circom`, as its witness generator takes them. */
export interface CircuitInputs extends PublicSignals {
  readonly amounts: readonly bigint[];
  readonly category: bigint;
  readonly salt: bigint;
  readonly sequence: bigint;
  /** Offset form, `w + 2^31`. */
  readonly weights: readonly bigint[];
  /** Mod p. */
  readonly lower: bigint;
  /** Mod p. */
  readonly upper: bigint;
  readonly categoryMask: bigint;
  readonly children: FactsPath;
}

/**
 * Builds the circuit's inputs from a statement (docs/formats.md section 2).
 *
 * Whether the facts comply is not judged here: see `evaluatePolicy`.
 *
 * @throws InputError when a part is malformed, or the path does not hold this leaf.
 */
export function circuitInputs(statement: Statement): CircuitInputs {
  const { facts, policy, subject, sequence, context, path } = statement;
  requireFieldElement("context", context);
  const leaf = factsLeaf(subject, sequence, factCommitment(facts));
  const factsRoot = factsRootFromPath(leaf, path);
  if (factsRoot === undefined) {
    throw InputError.expected(
      "facts path",
      "children that hold the leaf of these facts, subject and sequence",
      "others",
    );
  }
  return {
    factsRoot,
    policyHash: policyHash(policy),
    subject,
    context,
    amounts: facts.amounts,
    category: BigInt(facts.category),
    salt: facts.salt,
    sequence,
    weights: offsetWeights(policy),
    lower: toField(policy.lower),
    upper: toField(policy.upper),
    categoryMask: policy.categoryMask,
    children: path,
  };
}

/** The public signals in the order in which a proof carries them. */
export function publicSignals(signals: PublicSignals): bigint[] {
  return PUBLIC_SIGNALS.map((name) => signals[name]);
}
