import { CheckError } from "../core/errors.ts";
import { faultOfChain } from "./chain.ts";
import { countContributors } from "./contributors.ts";
import { hashFile } from "./files.ts";
import { requireWholeKey } from "./key-file.ts";
import { readKeyHistory } from "./mpc-params.ts";
import { describePtau, faultOfPtau, type IdentifiedPtau, identifyPtau } from "./ptau.ts";
import { readCircuitSize } from "./r1cs.ts";
import type { Transcript, TranscriptContribution } from "./transcript.ts";
import {
  exportVerificationKey,
  keyWords,
  type SolidityVerifyingKey,
  toSolidity,
  verificationKeyHash,
} from "./verifying-key.ts";

/** What the checks work on, and what one leaves for those after it. */
export interface CheckContext {
  readonly r1cs: string;
  readonly ptau: string;
  readonly zkey: string;
  readonly initialKey?: string;
  readonly transcript: Transcript;
  readonly deployedKey?: SolidityVerifyingKey;
  identity?: IdentifiedPtau;
  wholeKey?: boolean;
  contributors?: number;
}

/** What a check found; `expected` and `got` are for people. */
export interface Outcome {
  readonly ok: boolean;
  readonly expected: string;
  readonly got: string;
}

interface Check {
  readonly name: string;
  /** What is going on while it runs. */
  readonly message: string;
  /** What it wants, for when it cannot even run. */
  readonly expected: string;
  applies(context: CheckContext): boolean;
  run(context: CheckContext): Promise<Outcome>;
}

const OTHER_DELTA = "delta neither gamma nor its negative";
const always = (): boolean => true;

/** Every check in the order that makes the first one to fail the most telling. */
export const SETUP_CHECKS: readonly Check[] = [
  {
    name: "circuit",
    message: "hashing the compiled circuit",
    expected: "the circuit of the transcript",
    applies: always,
    async run({ r1cs, transcript }) {
      const { sha256 } = await hashFile(r1cs);
      const size = await readCircuitSize(r1cs);
      const describe = ({ constraints, wires, publicSignals }: typeof size, hash: string): string =>
        `${hash}, ${constraints} constraints, ${wires} wires, ${publicSignals} public signals`;
      return same(describe(transcript.r1cs, transcript.r1cs.sha256), describe(size, sha256));
    },
  },
  {
    name: "powers of tau are those of the transcript",
    message: "hashing the powers of tau",
    expected: "the file of the transcript",
    applies: always,
    async run(context) {
      context.identity = await identifyPtau(context.ptau);
      return same(describePtau(context.transcript.ptau), describePtau(context.identity));
    },
  },
  {
    name: "development label",
    message: "comparing the label",
    expected: "as the powers of tau are",
    applies: always,
    async run({ transcript, identity }) {
      if (identity === undefined) throw new CheckError("the powers of tau could not be identified");
      return same(
        `development: ${identity.label === "development"}`,
        `development: ${transcript.development}`,
      );
    },
  },
  {
    name: "powers of tau hold together",
    message: "verifying every contribution to the powers of tau",
    expected: "a valid powers of tau file",
    applies: always,
    async run({ ptau, identity, initialKey }) {
      const expected = "every contribution, power and prepared value verifies";
      if (initialKey !== undefined && identity !== undefined && identity.label !== "unknown") {
        return { ok: true, expected, got: `not computed: the hash is that of ${identity.name}` };
      }
      const fault = identity === undefined ? "could not be read" : await faultOfPtau(ptau);
      return { ok: fault === undefined, expected, got: fault ?? expected };
    },
  },
  {
    name: "proving key file",
    message: "hashing the proving key",
    expected: "the file of the transcript, whole",
    applies: always,
    async run(context) {
      await requireWholeKey(context.zkey);
      context.wholeKey = true;
      const { sha256, bytes } = await hashFile(context.zkey);
      const { zkey } = context.transcript;
      return same(`${zkey.sha256}, ${zkey.bytes} bytes`, `${sha256}, ${bytes} bytes`);
    },
  },
  {
    name: "contribution chain",
    message: "making the initial key anew and verifying every contribution",
    expected: "each contribution follows from the one before, the first from circuit and powers of tau",
    applies: always,
    async run(context) {
      requireWhole(context);
      const expected =
        "each contribution follows from the one before, the first from circuit and powers of tau";
      const fault = await faultOfChain(context);
      return { ok: fault === undefined, expected, got: fault ?? expected };
    },
  },
  {
    name: "contributions are those of the transcript",
    message: "reading the key's contributions",
    expected: "the transcript's contributions",
    applies: always,
    async run(context) {
      requireWhole(context);
      const { contributions } = await readKeyHistory(context.zkey);
      return same(describeAll(context.transcript.contributions), describeAll(contributions));
    },
  },
  {
    name: "somebody contributed",
    message: "counting the contributions",
    expected: "at least one contribution besides the beacon",
    applies: always,
    async run(context) {
      requireWhole(context);
      const { contributions } = await readKeyHistory(context.zkey);
      const count = countContributors(contributions);
      context.contributors = count;
      return { ok: count > 0, expected: "at least one contribution besides the beacon", got: `${count}` };
    },
  },
  {
    name: "beacon",
    message: "comparing the beacon",
    expected: "the transcript's beacon, applied last",
    applies: always,
    async run(context) {
      requireWhole(context);
      const { contributions, beacon } = await readKeyHistory(context.zkey);
      const { value, iterationsExp } = context.transcript.beacon;
      const last = contributions.at(-1)?.kind === "beacon" ? "last" : "not last";
      const got = beacon === undefined ? "no beacon" : `${beacon.value}, 2^${beacon.iterationsExp}, ${last}`;
      return same(`${value}, 2^${iterationsExp}, last`, got);
    },
  },
  {
    name: "delta differs from gamma",
    message: "comparing delta and gamma",
    expected: OTHER_DELTA,
    applies: always,
    async run(context) {
      requireWhole(context);
      return compareDelta(toSolidity(await exportVerificationKey(context.zkey)));
    },
  },
  {
    name: "verification key",
    message: "exporting the verification key",
    expected: "the transcript's verification key",
    applies: always,
    async run(context) {
      requireWhole(context);
      const key = toSolidity(await exportVerificationKey(context.zkey));
      return same(context.transcript.verificationKeyHash, verificationKeyHash(key));
    },
  },
  {
    name: "deployed key",
    message: "comparing the deployed key word by word",
    expected: "the exported verification key",
    applies: ({ deployedKey }) => deployedKey !== undefined,
    async run(context) {
      requireWhole(context);
      return compareKeys(toSolidity(await exportVerificationKey(context.zkey)), context.deployedKey);
    },
  },
];

function same(expected: string, got: string): Outcome {
  return { ok: expected === got, expected, got };
}

/** Nothing that reads points may run on a key whose sections are not what its header says. */
function requireWhole({ wholeKey }: CheckContext): void {
  if (wholeKey !== true) throw new CheckError("not checked: the proving key is cut short or damaged");
}

function describeAll(contributions: readonly TranscriptContribution[]): string {
  return contributions.map(({ index, name, kind, hash }) => `${index} ${kind} "${name}" ${hash}`).join("; ");
}

/** Only the two ratios that a key without a secret shows; one that its maker chose cannot be seen from the key. */
export function compareDelta({ gamma, delta }: SolidityVerifyingKey): Outcome {
  const equal = (i: 0 | 1): boolean => gamma[i].every((word, j) => word === delta[i][j]);
  if (!equal(0)) return { ok: true, expected: OTHER_DELTA, got: OTHER_DELTA };
  const which = equal(1) ? "gamma" : "the negative of gamma";
  return { ok: false, expected: OTHER_DELTA, got: `delta is ${which}: anybody can forge proofs` };
}

/** The first of 24 words that a deployed key has otherwise. */
export function compareKeys(
  expected: SolidityVerifyingKey,
  deployed: SolidityVerifyingKey | undefined,
): Outcome {
  const words = deployed === undefined ? [] : keyWords(deployed);
  const different = keyWords(expected).find(([, value], i) => value !== words[i]?.[1]);
  if (different === undefined) {
    const all = `${words.length} words equal`;
    return { ok: true, expected: all, got: all };
  }
  const [name, value] = different;
  const got = words.find(([each]) => each === name)?.[1];
  return { ok: false, expected: `${name} = ${value}`, got: `${name} = ${got}` };
}
