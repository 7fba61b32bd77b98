import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { artifact } from "../src/chain/artifacts.ts";
import { fixtureProver } from "./gas/fixture.ts";
import { BATCH, type Figures, runScenario } from "./gas/scenario.ts";
import type { Measurement, Row } from "./measurement.ts";

const REPORT = fileURLToPath(new URL("gas.json", import.meta.url));
export const MAKE_REPORT = "npx node bench/gas/make-report.ts";

/** Prices of the EVM that no contract can avoid (EIP-150, 1108, 2028, 2929). */
const PAIRING_BASE = 45_000;
const PAIRING_PAIR = 34_000;
const MUL_G1 = 6_000;
const ADD_G1 = 150;
const ECRECOVER = 3_000;
const FRESH_SLOT = 22_100;
const USED_SLOT = 5_000;
const WARM_SLOT = 100;

/** EIP-196 and EIP-197 work of one Groth16 check with four public signals: 181,000 + 6,150 n. */
const VERIFY_FLOOR = PAIRING_BASE + 4 * PAIRING_PAIR + 4 * (MUL_G1 + ADD_G1);
/** The same for k checks at once: k + 3 pairings, r*A and r*C a proof, alpha and the five points of the key. */
const BATCH_FLOOR =
  PAIRING_BASE +
  (BATCH + 3) * PAIRING_PAIR +
  BATCH * (2 * MUL_G1 + ADD_G1) +
  MUL_G1 +
  5 * MUL_G1 +
  4 * ADD_G1;
/** `ProofVerified`: four topics, three words. */
const VERIFIED_EVENT = log(4, 3);
/** `BatchAnchored`: three topics, seven words. */
const ANCHORED_EVENT = log(3, 7);

/**
 * Gas of the contracts' hot paths, exact and the same everywhere, each beside the least the EVM charges for what it must
 * do: the transaction with its calldata, precompiles, the slots it has to write, its event. Reads and checks are on top.
 */
export async function measureGas(): Promise<Measurement> {
  const figures = await runScenario(fixtureProver());
  return { title: "Gas", rows: [...gasRows(figures), ...sizeRows()] };
}

/** The committed report, which a test compares with a fresh measurement. */
export function readGasReport(): Measurement {
  return JSON.parse(readFileSync(REPORT, "utf8")) as Measurement;
}

export async function writeGasReport(): Promise<Measurement> {
  const measurement = await measureGas();
  writeFileSync(REPORT, `${JSON.stringify(measurement, null, 2)}\n`);
  return measurement;
}

function gasRows(figures: Figures): Row[] {
  const { attestFresh, attestSteady, attestBatch, anchor, verify, verifyBatch } = figures;
  const single = VERIFY_FLOOR + ECRECOVER + VERIFIED_EVENT;
  const eachOfBatch = ECRECOVER + VERIFIED_EVENT + 2 * FRESH_SLOT;
  const nonces = USED_SLOT + (BATCH - 1) * WARM_SLOT;
  const perProof = (gas: number): number => Math.round((gas / BATCH) * 10) / 10;
  const batchFloor = attestBatch.intrinsic + BATCH_FLOOR + BATCH * eachOfBatch + nonces;
  return [
    row("attest, first of a subject", attestFresh.gasUsed, attestFresh.intrinsic + single + 3 * FRESH_SLOT),
    row("attest, moving one forward", attestSteady.gasUsed, attestSteady.intrinsic + single + 3 * USED_SLOT),
    row(`attestBatch of ${BATCH}, first of each subject`, attestBatch.gasUsed, batchFloor),
    row(`attestBatch of ${BATCH}, a proof`, perProof(attestBatch.gasUsed), perProof(batchFloor)),
    row(`attestBatch of ${BATCH}, verification of a proof`, perProof(verifyBatch), perProof(BATCH_FLOOR)),
    row("verify, the call alone", verify, VERIFY_FLOOR),
    row("anchor, ring in use", anchor.gasUsed, anchor.intrinsic + ANCHORED_EVENT + 3 * USED_SLOT),
  ];
}

function row(name: string, value: number, floor: number): Row {
  const ratio = Math.round((value / floor) * 1000) / 1000;
  return { name, value, unit: "gas", floorOrPeer: `floor ${floor.toLocaleString("en")}`, ratio };
}

function sizeRows(): Row[] {
  return (["ProofXVerifier", "AnchorRegistry", "Groth16Verifier"] as const).map((name) => ({
    name: `${name}, deployed code`,
    value: (artifact(name).deployedBytecode.length - 2) / 2,
    unit: "bytes",
    floorOrPeer: "at most 24,576",
  }));
}

function log(topics: number, words: number): number {
  return 375 + 375 * topics + 8 * 32 * words;
}
