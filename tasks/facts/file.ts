import { writeFileSync } from "node:fs";
import { z } from "zod";
import { CheckError, InputError } from "../../src/core/errors.ts";
import {
  type Facts,
  factCommitment,
  factsToJson,
  freshSalt,
  parseFacts,
} from "../../src/core/facts/index.ts";
import { fieldHex, readJsonInput } from "../support/values.ts";

/** Facts with the commitment that goes into the event. */
export interface CommittedFacts {
  readonly facts: Facts;
  /** 32 bytes, 0x hex. */
  readonly commitment: string;
}

const factsFile = z.strictObject({ facts: z.unknown(), factsCommitment: z.string() });

/** Completes facts with a fresh salt unless they bring one, and commits to them. */
export function commitToFacts(json: unknown): CommittedFacts {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw InputError.expected("facts", "an object with amounts and category", json);
  }
  const salted = "salt" in json ? json : { ...json, salt: fieldHex(freshSalt()) };
  const facts = parseFacts(salted);
  return { facts, commitment: fieldHex(factCommitment(facts)) };
}

/** Writes a facts file for the prover; refuses to overwrite one, because its salt may be the only copy. */
export function writeFactsFile(path: string, { facts, commitment }: CommittedFacts): void {
  const content = { facts: factsToJson(facts), factsCommitment: commitment };
  try {
    writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    throw new InputError(`--out: expected a file that does not exist in a folder that does, got ${path}`, {
      cause,
    });
  }
}

/**
 * Reads a facts file back.
 *
 * @throws CheckError when the facts are not the ones that were committed to.
 */
export function readFactsFile(path: string): CommittedFacts {
  const result = factsFile.safeParse(readJsonInput("--facts", path));
  if (!result.success) throw InputError.expected(path, "a file that `facts commit` wrote", "something else");
  const facts = parseFacts(result.data.facts);
  const commitment = fieldHex(factCommitment(facts));
  if (commitment !== result.data.factsCommitment) {
    throw new CheckError(`${path}: the facts do not match their commitment; the file was edited or damaged`);
  }
  return { facts, commitment };
}
