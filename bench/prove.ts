import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as snarkjs from "snarkjs";
import { createProver } from "../src/compliance/index.ts";
import {
  buildFactsTree,
  type CircuitInputs,
  circuitInputs,
  type Facts,
  factCommitment,
  factsLeaf,
  type Policy,
} from "../src/core/facts/index.ts";
import { stringifyJson } from "../src/core/json.ts";
import { compileCircuit, ensureSetup } from "../src/setup/index.ts";

/** Milliseconds: one entry a round, and the middle one. */
export interface Series {
  readonly rounds: readonly number[];
  readonly median: number;
}

export interface ProvingTimes {
  readonly constraints: number;
  /** `Prover.prove` with everything loaded. */
  readonly prover: Series;
  /** `snarkjs groth16 fullprove` as a child process, start to end. */
  readonly command: Series;
  /** `snarkjs.groth16.fullProve` in this process, its workers warm. */
  readonly warmCall: Series;
  /** Medians of the others over the prover's: above 1, the prover is faster. */
  readonly ratios: { readonly command: number; readonly warmCall: number };
}

export interface ProvingOptions {
  /** At least 7, so that a median says something. */
  readonly rounds?: number;
  readonly onRound?: (round: number, rounds: number) => void;
}

const SNARKJS_COMMAND = join(dirname(createRequire(import.meta.url).resolve("snarkjs")), "cli.cjs");

/**
 * Measures warm proving against snarkjs, on the same key, input and machine.
 *
 * One warm-up round is dropped; then the three take turns within each round, each round starting with another one, so that
 * other load on the machine falls on all of them alike.
 */
export async function measureProving(options: ProvingOptions = {}): Promise<ProvingTimes> {
  const rounds = Math.max(7, options.rounds ?? 7);
  const { wasm, zkey, constraints } = await artifacts();
  const inputs = benchmarkInputs();
  const folder = await mkdtemp(join(tmpdir(), "proofx-bench-"));
  try {
    const inputFile = join(folder, "input.json");
    await writeFile(inputFile, stringifyJson(inputs));
    await using prover = await createProver({ wasm, zkey });
    const contenders = [
      () => prover.prove(inputs),
      () => runCommand([inputFile, wasm, zkey, join(folder, "proof.json"), join(folder, "public.json")]),
      () => snarkjs.groth16.fullProve(JSON.parse(stringifyJson(inputs)), wasm, zkey),
    ];
    const times: number[][] = contenders.map(() => []);
    for (let round = 0; round <= rounds; round += 1) {
      if (round > 0) options.onRound?.(round, rounds);
      for (let turn = 0; turn < contenders.length; turn += 1) {
        const which = (round + turn) % contenders.length;
        const taken = await time(contenders[which]);
        if (round > 0) times[which]?.push(taken);
      }
    }
    const [own, command, warmCall] = times.map(seriesOf) as [Series, Series, Series];
    const ratios = { command: command.median / own.median, warmCall: warmCall.median / own.median };
    return { constraints, prover: own, command, warmCall, ratios };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function artifacts(): Promise<{ wasm: string; zkey: string; constraints: number }> {
  const circuit = await compileCircuit("compliance");
  const { zkey, constraints } = await ensureSetup({ circuit });
  return { wasm: circuit.wasm, zkey, constraints };
}

/** Always the same statement: the last of nine events, capital adequacy. */
function benchmarkInputs(): CircuitInputs {
  const facts: Facts = { amounts: [9_000n, 4_000n, 3n, 2n ** 64n - 1n], category: 11, salt: 2n ** 200n + 7n };
  const policy: Policy = {
    weights: [1, -1, 0, 0],
    lower: 1_000n,
    upper: 2n ** 90n,
    categoryMask: 2n ** 64n - 1n,
  };
  const subject = 2n ** 250n + 1n;
  const leaves = Array.from({ length: 8 }, (_, i) => factsLeaf(subject, BigInt(i + 1), 5n));
  const tree = buildFactsTree([...leaves, factsLeaf(subject, 9n, factCommitment(facts))]);
  return circuitInputs({
    facts,
    policy,
    subject,
    sequence: 9n,
    context: 2n ** 251n + 3n,
    path: tree.path(8),
  });
}

async function time(run: (() => Promise<unknown>) | undefined): Promise<number> {
  const start = performance.now();
  await run?.();
  return performance.now() - start;
}

async function runCommand(files: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [SNARKJS_COMMAND, "groth16", "fullprove", ...files], {
    stdio: "ignore",
  });
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(`snarkjs groth16 fullprove ended with ${code}`);
}

function seriesOf(rounds: readonly number[]): Series {
  const sorted = [...rounds].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const [low, high] = sorted.length % 2 === 1 ? [half, half] : [half - 1, half];
  return { rounds, median: ((sorted[low] ?? Number.NaN) + (sorted[high] ?? Number.NaN)) / 2 };
}
