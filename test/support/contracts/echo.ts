import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as snarkjs from "snarkjs";
import type { SolidityProof } from "../../../src/chain/submission.ts";
import { compileCircuit } from "../../../src/setup/compile.ts";
import {
  inOneThread,
  type SnarkjsKey,
  type SolidityKey,
  snarkjsProof,
  solidityKey,
  solidityProof,
} from "./snarkjs.ts";

/** Public signals in the circuit's order: factsRoot, policyHash, subject, context. */
export type Signals = readonly [bigint, bigint, bigint, bigint];

/** A small circuit that proves any four signals, set up by the tests themselves. */
export interface Echo {
  /** Path of the proving key after one contribution. */
  readonly zkey: string;
  readonly key: SolidityKey;
  /** The same circuit's key before any contribution: its delta equals gamma. */
  readonly uncontributedKey: SolidityKey;
  prove(signals: Signals): Promise<SolidityProof>;
  /** Whether stock snarkjs accepts a proof. */
  snarkjsAccepts(proof: SolidityProof, signals: Signals): Promise<boolean>;
}

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const SOURCE = join(ROOT, "test/contracts/fixtures/echo.circom");
const BUILD = join(ROOT, "build/test/echo");
/** 2^4 constraints: four squares, four public signals and the constant one. */
const POWER = 4;

let loaded: Promise<Echo> | undefined;

/** Compiles and sets up the echo circuit once; later calls and processes read `build/test/echo/`. */
export function loadEcho(): Promise<Echo> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Echo> {
  await inOneThread();
  const circuit = await compileCircuit("echo", { source: SOURCE });
  const folder = join(BUILD, circuit.sourceHash.slice(0, 16));
  if (!existsSync(folder)) await setUp(circuit.r1cs, folder);
  const zkey = join(folder, "final.zkey");
  const key: SnarkjsKey = await snarkjs.zKey.exportVerificationKey(zkey);
  const uncontributed: SnarkjsKey = await snarkjs.zKey.exportVerificationKey(join(folder, "initial.zkey"));
  return {
    zkey,
    key: solidityKey(key),
    uncontributedKey: solidityKey(uncontributed),
    prove: (signals) => prove(circuit.wasm, zkey, signals),
    snarkjsAccepts: (proof, signals) => snarkjs.groth16.verify(key, signals.map(String), snarkjsProof(proof)),
  };
}

/** Powers of tau and phase 2 from fixed "entropy": worthless outside tests, and meant to be. */
async function setUp(r1cs: string, folder: string): Promise<void> {
  await mkdir(BUILD, { recursive: true });
  const work = await mkdtemp(join(BUILD, "making-"));
  const at = (name: string): string => join(work, name);
  const curve = (globalThis as { curve_bn128?: unknown }).curve_bn128;
  await snarkjs.powersOfTau.newAccumulator(curve, POWER, at("new.ptau"));
  await snarkjs.powersOfTau.contribute(at("new.ptau"), at("contributed.ptau"), "test", "test");
  await snarkjs.powersOfTau.preparePhase2(at("contributed.ptau"), at("final.ptau"));
  await snarkjs.zKey.newZKey(r1cs, at("final.ptau"), at("initial.zkey"));
  await snarkjs.zKey.contribute(at("initial.zkey"), at("final.zkey"), "test", "test");
  // Another process may have made the same meanwhile; either will do.
  await rename(work, folder).catch(() => rm(work, { recursive: true }));
}

async function prove(wasm: string, zkey: string, signals: Signals): Promise<SolidityProof> {
  const [factsRoot, policyHash, subject, context] = signals;
  const inputs = { factsRoot, policyHash, subject, context };
  const { proof } = await snarkjs.groth16.fullProve(inputs, wasm, zkey);
  return solidityProof(proof);
}
