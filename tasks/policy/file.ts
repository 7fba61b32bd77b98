import { z } from "zod";
import { type Policy, parsePolicy } from "../../src/core/facts/index.ts";
import { readToml } from "../../src/core/toml.ts";
import { parseCategories, readInput } from "../support/values.ts";

const NO_LIMIT = 2n ** 100n - 1n;
const ALL_CATEGORIES = 2n ** 64n - 1n;

const LIMIT_FORM = "an integer in decimal, in quotes";
const limit = z.string({ error: LIMIT_FORM }).regex(/^-?\d{1,31}$/, { error: LIMIT_FORM });
const weight = z.int({ error: "an integer" });

const policyFile = z.strictObject({
  weights: z.tuple([weight, weight, weight, weight], { error: "a list of four integers" }),
  lower: limit.optional(),
  upper: limit.optional(),
  categories: z.string({ error: 'numbers or ranges in quotes, e.g. "0,3-7"' }).optional(),
});

/**
 * Reads a policy file (TOML: weights, lower, upper, categories; a limit left out does not limit).
 *
 * @throws InputError naming the setting that is wrong.
 */
export function readPolicyFile(path: string): Policy {
  const text = readInput("--policy", path);
  const { weights, lower, upper, categories } = readToml(policyFile, text, path);
  return parsePolicy({
    weights,
    lower: lower === undefined ? -NO_LIMIT : BigInt(lower),
    upper: upper === undefined ? NO_LIMIT : BigInt(upper),
    categoryMask: categories === undefined ? ALL_CATEGORIES : parseCategories(categories),
  });
}
