import { parse as parseToml, TomlError } from "smol-toml";
import { z } from "zod";
import { InputError } from "../../src/core/errors.ts";
import { type Policy, parsePolicy } from "../../src/core/facts/index.ts";
import { parseCategories, readInput } from "../support/values.ts";

const NO_LIMIT = 2n ** 100n - 1n;
const ALL_CATEGORIES = 2n ** 64n - 1n;

const integer = z.string().regex(/^-?\d{1,31}$/, "expected an integer in decimal, in quotes");

const policyFile = z.strictObject({
  weights: z.tuple([z.int(), z.int(), z.int(), z.int()]),
  lower: integer.optional(),
  upper: integer.optional(),
  categories: z.string().optional(),
});

/**
 * Reads a policy file (TOML: weights, lower, upper, categories; a limit left out does not limit).
 *
 * @throws InputError naming the setting that is wrong.
 */
export function readPolicyFile(path: string): Policy {
  const text = readInput("--policy", path);
  let content: unknown;
  try {
    content = parseToml(text);
  } catch (error) {
    if (error instanceof TomlError) throw new InputError(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
  const result = policyFile.safeParse(content);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new InputError(`${path}: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { weights, lower, upper, categories } = result.data;
  return parsePolicy({
    weights,
    lower: lower === undefined ? -NO_LIMIT : BigInt(lower),
    upper: upper === undefined ? NO_LIMIT : BigInt(upper),
    categoryMask: categories === undefined ? ALL_CATEGORIES : parseCategories(categories),
  });
}
