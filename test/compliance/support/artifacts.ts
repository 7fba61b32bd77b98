import {
  buildFactsTree,
  type CircuitInputs,
  circuitInputs,
  type Facts,
  factCommitment,
  factsLeaf,
  type Policy,
} from "../../../src/core/facts/index.ts";
import { compileCircuit, ensureSetup, type Setup } from "../../../src/setup/index.ts";

export interface Artifacts {
  readonly wasm: string;
  readonly setup: Setup;
}

let made: Promise<Artifacts> | undefined;

/** The compliance circuit with a development setup; half a minute unless it was made before. */
export function artifacts(): Promise<Artifacts> {
  made ??= make();
  return made;
}

async function make(): Promise<Artifacts> {
  const circuit = await compileCircuit("compliance");
  return { wasm: circuit.wasm, setup: await ensureSetup({ circuit }) };
}

/** Numbers that would be recognised in a text. */
export const FACTS: Facts = {
  amounts: [871_234_567n, 112_233_445n, 5n, 6n],
  category: 7,
  salt: 998_877_665_544n,
};
/** 871,234,567 - 112,233,445 = 759,001,122. */
export const POLICY: Policy = {
  weights: [1, -1, 0, 0],
  lower: 700_000_000n,
  upper: 800_000_000n,
  categoryMask: 1n << 7n,
};

/** Inputs for the second of two events; everything may be changed. */
export function inputsOf(
  changes: { facts?: Partial<Facts>; policy?: Partial<Policy>; context?: bigint } = {},
): CircuitInputs {
  const facts = { ...FACTS, ...changes.facts };
  const subject = 424_242n;
  const tree = buildFactsTree([factsLeaf(subject, 1n, 5n), factsLeaf(subject, 2n, factCommitment(facts))]);
  return circuitInputs({
    facts,
    policy: { ...POLICY, ...changes.policy },
    subject,
    sequence: 2n,
    context: changes.context ?? 31_337n,
    path: tree.path(1),
  });
}
