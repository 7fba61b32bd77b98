import { poseidon3 } from "poseidon-lite/poseidon3";
import { InputError } from "../errors.ts";
import { U64_MAX } from "../u64.ts";
import { AMOUNTS, BOUND_LIMIT, MAX_WEIGHT, MIN_WEIGHT, TAG_POLICY } from "./constants.ts";
import { type Facts, requireFacts } from "./facts.ts";
import { toField } from "./field.ts";

/** A rule on facts: `lower <= sum(weight_i * amount_i) <= upper`, and bit `category` of the mask is set. Public. */
export interface Policy {
  /** Four i32. */
  readonly weights: readonly [number, number, number, number];
  /** Magnitude below 2^100, at most `upper`. */
  readonly lower: bigint;
  /** Magnitude below 2^100. */
  readonly upper: bigint;
  /** u64; bit n allows category n. */
  readonly categoryMask: bigint;
}

/** How facts stand to a policy. For their holder only: it tells the sum or the category, so it belongs in no shared log. */
export interface Evaluation {
  /** sum(weight_i * amount_i), signed. */
  readonly sum: bigint;
  readonly complies: boolean;
  /** One sentence for each part of the policy that is not satisfied. */
  readonly reasons: readonly string[];
}

/**
 * Makes a policy out of plain numbers, with the limits that the contract also enforces at registration.
 *
 * @throws InputError naming the part that is out of range.
 */
export function parsePolicy(given: {
  readonly weights: readonly number[];
  readonly lower: bigint;
  readonly upper: bigint;
  readonly categoryMask: bigint;
}): Policy {
  const [w0, w1, w2, w3, ...more] = given.weights;
  if (w0 === undefined || w1 === undefined || w2 === undefined || w3 === undefined || more.length > 0) {
    throw InputError.expected("policy.weights", `${AMOUNTS} weights`, given.weights);
  }
  const weights = [w0, w1, w2, w3] as const;
  weights.forEach((weight, index) => {
    if (!Number.isInteger(weight) || weight < MIN_WEIGHT || weight > MAX_WEIGHT) {
      throw InputError.expected(`policy.weights[${index}]`, "an integer from -2^31 to 2^31 - 1", weight);
    }
  });
  const { lower, upper, categoryMask } = given;
  requireBound("policy.lower", lower);
  requireBound("policy.upper", upper);
  if (lower > upper) throw InputError.expected("policy.lower", `at most upper, ${upper}`, lower);
  if (categoryMask < 0n || categoryMask > U64_MAX) {
    throw InputError.expected("policy.categoryMask", "an integer from 0 to 2^64 - 1", categoryMask);
  }
  return { weights, lower, upper, categoryMask };
}

/**
 * The hash that the contract computes when it registers the policy, a field element (docs/formats.md section 2).
 *
 * @throws InputError for a policy that the contract would refuse.
 */
export function policyHash(policy: Policy): bigint {
  const { lower, upper, categoryMask } = parsePolicy(policy);
  const packedWeights = offsetWeights(policy).reduce(
    (sum, weight, i) => sum + (weight << BigInt(32 * i)),
    0n,
  );
  const packed = packedWeights + (categoryMask << 128n) + (TAG_POLICY << 192n);
  return poseidon3([packed, toField(lower), toField(upper)]);
}

/** Weights in the form that hash and circuit take: `w + 2^31`, never negative. */
export function offsetWeights(policy: Policy): bigint[] {
  return policy.weights.map((weight) => BigInt(weight) - BigInt(MIN_WEIGHT));
}

/**
 * Judges facts by a policy with the circuit's arithmetic, so that a breach is explained before any proving.
 *
 * @throws InputError when the facts or the policy are malformed; a breach is an answer, not an error.
 */
export function evaluatePolicy(policy: Policy, facts: Facts): Evaluation {
  const { weights, lower, upper, categoryMask } = parsePolicy(policy);
  const { amounts, category } = requireFacts(facts);
  const sum = amounts.reduce((total, amount, i) => total + BigInt(weights[i] ?? 0) * amount, 0n);
  const reasons: string[] = [];
  if (sum < lower) reasons.push(`the sum ${sum} is below the lower bound ${lower}`);
  if (sum > upper) reasons.push(`the sum ${sum} is above the upper bound ${upper}`);
  if (((categoryMask >> BigInt(category)) & 1n) === 0n) {
    reasons.push(`category ${category} is not allowed by the mask`);
  }
  return { sum, complies: reasons.length === 0, reasons };
}

function requireBound(what: string, bound: bigint): void {
  if (bound <= -BOUND_LIMIT || bound >= BOUND_LIMIT) {
    throw InputError.expected(what, "a magnitude below 2^100", bound);
  }
}
