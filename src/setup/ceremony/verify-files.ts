import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { faultOfChain } from "../chain.ts";
import { type Outcome as Comparison, compareDelta, compareKeys } from "../checks.ts";
import { exists, hashFile } from "../files.ts";
import { newKey } from "../phase2.ts";
import { faultOfPtau } from "../ptau.ts";
import { readCircuitSize } from "../r1cs.ts";
import { exportVerificationKey, type SolidityVerifyingKey, toSolidity } from "../verifying-key.ts";
import type { KeyHash } from "./fields.ts";
import { type Ceremony, FINAL_KEY, keyFile } from "./folder.ts";
import { faultOfHistory, faultOfKeyFile, faultOfPtauFile } from "./key-check.ts";
import type { RecordFault } from "./rules.ts";

/** What the checks work on, and what one leaves for those after it. */
export interface VerifyContext {
  readonly ceremony: Ceremony;
  readonly keys: string;
  readonly zkey: string | undefined;
  readonly r1cs: string;
  readonly ptau: string;
  readonly deployedKey: SolidityVerifyingKey | undefined;
  /** A folder that is removed afterwards. */
  readonly work: string;
  /** The key before any contribution, made anew. */
  initial?: string;
  /** The last proving key, its hash checked. */
  last?: string;
}

/** What a check found about one file. */
export interface Outcome {
  readonly where: string;
  readonly status: "ok" | "wrong" | "not checked";
  readonly expected: string;
  readonly got: string;
}

interface FileCheck {
  readonly name: string;
  /** What is going on while it runs. */
  readonly message: string;
  /** What it wants, for when it cannot even run. */
  readonly expected: string;
  run(context: VerifyContext): Promise<Outcome[]>;
}

/** Every check of the files that the records tell of, in the order that makes the first to fail the most telling. */
export const FILE_CHECKS: readonly FileCheck[] = [
  {
    name: "circuit",
    message: "hashing the compiled circuit",
    expected: "the circuit of ceremony.json",
    async run({ ceremony, r1cs }) {
      const { sha256, constraints, wires, publicSignals } = ceremony.config.circuit;
      const size = await readCircuitSize(r1cs);
      const got = await hashFile(r1cs);
      return [
        compare(
          r1cs,
          `${sha256}, ${constraints} constraints, ${wires} wires, ${publicSignals} public signals`,
          `${got.sha256}, ${size.constraints} constraints, ${size.wires} wires, ${size.publicSignals} public signals`,
        ),
      ];
    },
  },
  {
    name: "powers of tau are those of the ceremony",
    message: "hashing the powers of tau",
    expected: "the file of ceremony.json",
    run: async ({ ceremony, ptau }) => [outcome(ptau, await faultOfPtauFile(ptau, ceremony.config))],
  },
  {
    name: "powers of tau hold together",
    message: "verifying every contribution to the powers of tau",
    expected: "a valid powers of tau file",
    async run({ ptau }) {
      const got = await faultOfPtau(ptau);
      const expected = "every contribution, power and prepared value verifies";
      return [outcome(ptau, got === undefined ? undefined : { expected, got })];
    },
  },
  {
    name: "key before any contribution",
    message: "making it anew from circuit and powers of tau",
    expected: "the initial key of ceremony.json",
    async run(context) {
      const initial = join(context.work, keyFile(0));
      await newKey(context.r1cs, context.ptau, initial);
      context.initial = initial;
      const { initialKey } = context.ceremony.config;
      return [outcome("ceremony.json: initialKey", await faultOfKeyFile(initial, initialKey))];
    },
  },
  {
    name: "proving key file",
    message: "hashing the proving keys and reading their lists of contributions",
    expected: "the keys that the records tell of",
    run: checkKeyFiles,
  },
  {
    name: "contribution chain",
    message: "verifying every contribution",
    expected: "each contribution follows from the one before",
    run: checkChain,
  },
  {
    name: "delta differs from gamma",
    message: "comparing delta and gamma",
    expected: "delta neither gamma nor its negative",
    run: async ({ last, ceremony }) =>
      last === undefined || ceremony.contributions.length === 0
        ? []
        : [ofComparison(last, compareDelta(toSolidity(await exportVerificationKey(last))))],
  },
  {
    name: "deployed key",
    message: "comparing the deployed key word by word",
    expected: "the ceremony's verification key",
    run: async ({ last, deployedKey }) =>
      last === undefined || deployedKey === undefined
        ? []
        : [ofComparison("chain", compareKeys(toSolidity(await exportVerificationKey(last)), deployedKey))],
  },
];

interface KeyPlan {
  readonly where: string;
  readonly path: string;
  readonly hash: KeyHash;
  /** How many contributions it holds. */
  readonly length: number;
  readonly isLast: boolean;
}

/** Names that only keys of the records have. */
const KEY_NAME = /^(?:[0-9]{4}|final)\.zkey$/;

/** Every key that the records tell of, as far as it is there, and no other. */
async function checkKeyFiles(context: VerifyContext): Promise<Outcome[]> {
  const { ceremony, keys } = context;
  const plans = planKeys(context);
  const outcomes: Outcome[] = [];
  for (const plan of plans) {
    const result = await checkKey(plan, ceremony);
    outcomes.push(result);
    if (result.status === "wrong") return outcomes;
    if (result.status === "ok" && plan.isLast) context.last = plan.path;
  }
  const known = plans.map(({ path }) => path);
  const stray = (await exists(keys))
    ? (await readdir(keys)).sort().find((name) => KEY_NAME.test(name) && !known.includes(join(keys, name)))
    : undefined;
  if (stray !== undefined && context.zkey === undefined) {
    const [expected, got] = ["a record for every key", "none tells of this one: was its record dropped?"];
    outcomes.push({ where: join(keys, stray), status: "wrong", expected, got });
  }
  return outcomes;
}

function planKeys({ ceremony, keys, zkey }: VerifyContext): KeyPlan[] {
  const { config, contributions, beacon } = ceremony;
  const list = [
    { name: keyFile(0), hash: config.initialKey, length: 0 },
    ...contributions.map(({ index, to }) => ({ name: keyFile(index), hash: to, length: index })),
    ...(beacon === undefined ? [] : [{ name: FINAL_KEY, hash: beacon.to, length: contributions.length + 1 }]),
  ];
  return list.map(({ name, hash, length }, i) => {
    const isLast = i === list.length - 1;
    const path = isLast && zkey !== undefined ? zkey : join(keys, name);
    return { where: path, path, hash, length, isLast };
  });
}

async function checkKey(plan: KeyPlan, { config, contributions, beacon }: Ceremony): Promise<Outcome> {
  const { where, path, hash, length, isLast } = plan;
  if (!(await exists(path))) {
    const got = isLast
      ? "the file is not there, so nothing that the records claim of the proving key was checked"
      : "the file is not there; its hash is the word of who signed it, and the last key does not depend on it";
    return { where, status: "not checked", expected: "the proving key of the records", got };
  }
  const fault =
    (await faultOfKeyFile(path, hash)) ??
    (await faultOfHistory(
      path,
      config,
      contributions.slice(0, length),
      length > contributions.length ? beacon : undefined,
    ));
  return outcome(where, fault);
}

/** The last key's chain holds all others; when it does not hold, the first key that fails is named. */
async function checkChain({ ceremony, keys, ptau, initial, last }: VerifyContext): Promise<Outcome[]> {
  const expected = "each contribution follows from the one before, the first from circuit and powers of tau";
  if (last === undefined || initial === undefined) {
    return [{ where: "the last key", status: "not checked", expected, got: "it is not there" }];
  }
  const got = await faultOfChain({ zkey: last, ptau, initialKey: initial });
  if (got === undefined) return [outcome(last, undefined)];
  for (const { index, name } of ceremony.contributions) {
    const zkey = join(keys, keyFile(index));
    if (!(await exists(zkey))) continue;
    const earlier = await faultOfChain({ zkey, ptau, initialKey: initial });
    if (earlier !== undefined) {
      return [outcome(zkey, { expected, got: `contribution ${index} of ${name}: ${earlier}` })];
    }
  }
  return [outcome(last, { expected, got })];
}

function outcome(where: string, fault: RecordFault | undefined): Outcome {
  const ok = "as the records say";
  return fault === undefined
    ? { where, status: "ok", expected: ok, got: ok }
    : { where, status: "wrong", ...fault };
}

function compare(where: string, expected: string, got: string): Outcome {
  return outcome(where, expected === got ? undefined : { expected, got });
}

function ofComparison(where: string, { ok, expected, got }: Comparison): Outcome {
  return { where, status: ok ? "ok" : "wrong", expected, got };
}
