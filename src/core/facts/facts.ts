import { poseidon3 } from "poseidon-lite/poseidon3";
import { InputError } from "../errors.ts";
import { isU64, U64_FORM, U64_MAX } from "../u64.ts";
import { AMOUNTS, CATEGORIES, TAG_FACTS } from "./constants.ts";
import { randomFieldElement, requireFieldElement } from "./field.ts";

/** The small vector of numbers an event is judged by. Private: never in a log line or an error. */
export interface Facts {
  /** Four u64. */
  readonly amounts: readonly [bigint, bigint, bigint, bigint];
  /** 0 .. 63. */
  readonly category: number;
  /** Uniform below p; hides the rest, so a new one for each event. */
  readonly salt: bigint;
}

/** Facts as they stand in an event's payload. */
export interface FactsJson {
  /** Four u64 in decimal. */
  readonly amounts: readonly string[];
  readonly category: number;
  /** 32 bytes, lower-case hex with 0x. */
  readonly salt: string;
}

/** A salt for one event's facts. */
export function freshSalt(): bigint {
  return randomFieldElement();
}

/**
 * Hands facts on that are well formed.
 *
 * @throws InputError naming the part that is out of range, without its value.
 */
export function requireFacts(facts: Facts): Facts {
  if (facts.amounts.length !== AMOUNTS) {
    throw InputError.expected("facts.amounts", `${AMOUNTS} amounts`, facts.amounts);
  }
  facts.amounts.forEach((amount, index) => {
    if (amount < 0n || amount > U64_MAX) {
      throw InputError.expected(
        `facts.amounts[${index}]`,
        "an integer from 0 to 2^64 - 1",
        amount < 0n ? "a negative one" : "a larger one",
      );
    }
  });
  if (!Number.isInteger(facts.category) || facts.category < 0 || facts.category >= CATEGORIES) {
    throw InputError.expected("facts.category", "an integer from 0 to 63", "another number");
  }
  requireFieldElement("facts.salt", facts.salt);
  return facts;
}

/**
 * Reads facts from an event's payload (docs/formats.md section 2). Strict: one spelling for each value, no further key.
 *
 * @throws InputError naming the part that is wrong, without its value.
 */
export function parseFacts(json: unknown): Facts {
  const { amounts, category, salt } = requireKeys(json, ["amounts", "category", "salt"]);
  if (!Array.isArray(amounts)) throw InputError.expected("facts.amounts", "a list of 4", typeof amounts);
  const [a0, a1, a2, a3, ...more] = amounts.map(parseAmount);
  if (a0 === undefined || a1 === undefined || a2 === undefined || a3 === undefined || more.length > 0) {
    throw InputError.expected("facts.amounts", `${AMOUNTS} amounts`, amounts);
  }
  if (typeof category !== "number") throw InputError.expected("facts.category", "a number", typeof category);
  if (typeof salt !== "string" || !/^0x[0-9a-f]{64}$/.test(salt)) {
    throw InputError.expected("facts.salt", "32 bytes in lower-case hex with 0x", typeof salt);
  }
  return requireFacts({ amounts: [a0, a1, a2, a3], category, salt: BigInt(salt) });
}

/** Facts as a payload carries them; `parseFacts` reads them back. */
export function factsToJson(facts: Facts): FactsJson {
  const { amounts, category, salt } = requireFacts(facts);
  return { amounts: amounts.map(String), category, salt: `0x${salt.toString(16).padStart(64, "0")}` };
}

/**
 * The hiding hash of an event's facts, a field element (docs/formats.md section 2).
 *
 * @throws InputError when a value does not fit its place: a wider one would change its neighbour.
 */
export function factCommitment(facts: Facts): bigint {
  const { amounts, category, salt } = requireFacts(facts);
  return poseidon3([
    amounts[0] + (amounts[1] << 64n) + (amounts[2] << 128n),
    amounts[3] + (BigInt(category) << 64n) + (TAG_FACTS << 72n),
    salt,
  ]);
}

function parseAmount(value: unknown, index: number): bigint {
  if (typeof value !== "string" || !isU64(value)) {
    throw InputError.expected(`facts.amounts[${index}]`, U64_FORM, `another ${typeof value}`);
  }
  return BigInt(value);
}

function requireKeys<Key extends string>(json: unknown, keys: readonly Key[]): Record<Key, unknown> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw InputError.expected(
      "facts",
      `an object with ${keys.join(", ")}`,
      json === null ? "null" : typeof json,
    );
  }
  const given = Object.keys(json).sort();
  if (given.join() !== [...keys].sort().join()) {
    throw InputError.expected("facts", `exactly the keys ${keys.join(", ")}`, given.join(", "));
  }
  return json as Record<Key, unknown>;
}
