import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CheckError } from "../core/errors.ts";
import { exists, type FileHashes, hashFile, moveFolder, writeWhole } from "./files.ts";
import { withLock } from "./lock.ts";
import { readKeyHistory } from "./mpc-params.ts";
import {
  applyBeacon,
  type Beacon,
  contribute,
  LOCAL_BEACON,
  localBeacon,
  newKey,
  requireBeacon,
} from "./phase2.ts";
import type { OnProgress } from "./progress.ts";
import { admitPtau, DEVELOPMENT_PTAU, type IdentifiedPtau, identifyPtau } from "./ptau.ts";
import { type CircuitSize, readCircuitSize, requireEnoughPowers } from "./r1cs.ts";
import { withCurve } from "./snarkjs.ts";
import { readTranscript, type Transcript } from "./transcript.ts";
import {
  exportVerificationKey,
  type SolidityVerifyingKey,
  toSolidity,
  verificationKeyHash,
} from "./verifying-key.ts";

export interface SetupRequest {
  /** A compiled circuit, as `compileCircuit` returns it. */
  readonly circuit: { readonly name: string; readonly r1cs: string };
  /** A powers of tau file prepared for phase 2; the development one unless given. */
  readonly ptau?: string;
  /** Accept a file that is not in the published table, if it verifies. */
  readonly acceptUnknownPtau?: boolean;
  /** Public randomness to end with; random bytes of this machine unless given. */
  readonly beacon?: Beacon;
  /** Name of the contribution in the transcript. */
  readonly contributor?: string;
  /** Where setups are kept; `build/setup` unless given. */
  readonly folder?: string;
  readonly onProgress?: OnProgress;
}

/** A finished phase 2. Paths are absolute and hold whole files. */
export interface Setup {
  readonly circuit: string;
  readonly development: boolean;
  readonly constraints: number;
  /** Circuit, to verify against. */
  readonly r1cs: string;
  /** Powers of tau it started from. */
  readonly ptau: string;
  /** Proving key. */
  readonly zkey: string;
  /** Key before any contribution, kept so that a later check need not make it anew; see `verifySetup`. */
  readonly initialKey: string;
  /** snarkjs's verification key JSON. */
  readonly verificationKeyFile: string;
  readonly transcriptFile: string;
  readonly transcript: Transcript;
  /** Constructor argument of `Groth16Verifier`. */
  readonly verifyingKey: SolidityVerifyingKey;
  readonly verificationKeyHash: string;
  /** Whether it was there already. */
  readonly cached: boolean;
}

interface Plan extends SetupRequest {
  readonly powers: IdentifiedPtau;
  readonly size: CircuitSize;
  readonly system: FileHashes;
  /** Where the finished setup lies. */
  readonly home: string;
}

const BUILD = fileURLToPath(new URL("../../build/setup", import.meta.url));
const NAMES = {
  initial: "initial.zkey",
  zkey: "final.zkey",
  key: "verification_key.json",
  transcript: "transcript.json",
} as const;
const STEPS = ["powers of tau", "new key", "contribution", "beacon", "export"] as const;

/**
 * Runs phase 2 for a circuit, or finds the one made before for the same circuit, powers of tau and beacon.
 *
 * The folder `<folder>/<circuit>/<key>` appears by one rename. A killed run is taken up after its last finished step.
 *
 * @throws InputError, RefusedError or CheckError for powers of tau that cannot be used; CheckError when a kept setup
 * was changed; UnavailableError when a file cannot be read or another run does not end.
 */
export async function ensureSetup(request: SetupRequest): Promise<Setup> {
  if (request.beacon !== undefined) requireBeacon(request.beacon);
  const plan = await makePlan(request);
  if (await exists(plan.home)) return await load(plan, true);
  const wait = (): void => report(plan, 1, "waiting for another run that makes this setup");
  return await withLock(plan.home, wait, async (held) => {
    if (await exists(plan.home)) return await load(plan, true);
    await admitPtau(plan.powers, request.acceptUnknownPtau === true);
    const work = `${plan.home}.work`;
    await mkdir(work, { recursive: true });
    await withCurve(() => build(plan, work));
    held.check();
    await moveFolder(work, plan.home);
    return await load(plan, false);
  });
}

async function makePlan(request: SetupRequest): Promise<Plan> {
  const path = request.ptau ?? DEVELOPMENT_PTAU;
  report(request, 0, `reading the powers of tau ${path}`);
  const powers = await identifyPtau(path);
  const size = await readCircuitSize(request.circuit.r1cs);
  requireEnoughPowers(size, powers);
  const system = await hashFile(request.circuit.r1cs);
  const beacon = request.beacon === undefined ? "local" : JSON.stringify(request.beacon);
  const key = createHash("sha256").update(`${system.sha256} ${powers.sha256} ${beacon}`).digest("hex");
  const home = join(request.folder ?? BUILD, request.circuit.name, key.slice(0, 16));
  return { ...request, powers, size, system, home };
}

/** Every step leaves one whole file, so a run that takes over goes on after the last one. */
async function build(plan: Plan, work: string): Promise<void> {
  const initial = join(work, NAMES.initial);
  const contributed = join(work, "contributed.zkey");
  const final = join(work, NAMES.zkey);
  const { circuit, powers, contributor = "first" } = plan;
  const once = async (path: string, step: number, message: string, make: (to: string) => Promise<void>) => {
    if (await exists(path)) return;
    report(plan, step, message);
    await writeWhole(path, make);
  };
  if (!(await exists(final))) {
    await once(initial, 1, `a proving key for ${plan.size.constraints} constraints`, (to) =>
      newKey(circuit.r1cs, powers.path, to),
    );
    await once(contributed, 2, "a contribution with fresh entropy", (to) =>
      contribute(initial, to, contributor),
    );
    await once(final, 3, "the beacon", (to) => applyBeacon(contributed, to, plan.beacon ?? localBeacon()));
  }
  report(plan, 4, "verification key and transcript");
  await record(plan, work);
  await rm(contributed, { force: true });
}

async function record(plan: Plan, work: string): Promise<void> {
  const { powers, system, size } = plan;
  const zkey = join(work, NAMES.zkey);
  const history = await readKeyHistory(zkey);
  const key = await exportVerificationKey(zkey);
  const { bytes, sha256 } = await hashFile(zkey);
  if (history.beacon === undefined) throw new CheckError(`${zkey}: the key has no beacon`);
  const transcript: Transcript = {
    version: 1,
    circuit: plan.circuit.name,
    development: powers.label === "development",
    r1cs: { sha256: system.sha256, ...size },
    ptau: {
      label: powers.label,
      name: powers.name,
      power: powers.power,
      blake2b: powers.blake2b,
      sha256: powers.sha256,
    },
    contributions: [...history.contributions],
    beacon: { ...history.beacon, source: plan.beacon?.source ?? LOCAL_BEACON },
    zkey: { sha256, bytes },
    verificationKeyHash: verificationKeyHash(toSolidity(key)),
    tools: { node: process.version, snarkjs: await snarkjsVersion() },
    createdAt: new Date().toISOString(),
  };
  await writeWhole(join(work, NAMES.key), (to) => writeJson(to, key));
  await writeWhole(join(work, NAMES.transcript), (to) => writeJson(to, transcript));
}

async function load(plan: Plan, cached: boolean): Promise<Setup> {
  const at = (name: string): string => join(plan.home, name);
  const transcript = await readTranscript(at(NAMES.transcript));
  const { sha256 } = await hashFile(at(NAMES.zkey));
  const verifyingKey = toSolidity(await exportVerificationKey(at(NAMES.zkey)));
  const hash = verificationKeyHash(verifyingKey);
  if (sha256 !== transcript.zkey.sha256 || hash !== transcript.verificationKeyHash) {
    throw new CheckError(`${plan.home}: the proving key is not the one of its transcript`, {
      next: `remove ${plan.home} and run again: that makes a new key, which needs a new deployment`,
    });
  }
  if (cached) report(plan, STEPS.length, "made before");
  return {
    circuit: plan.circuit.name,
    development: transcript.development,
    constraints: plan.size.constraints,
    r1cs: plan.circuit.r1cs,
    ptau: plan.powers.path,
    zkey: at(NAMES.zkey),
    initialKey: at(NAMES.initial),
    verificationKeyFile: at(NAMES.key),
    transcriptFile: at(NAMES.transcript),
    transcript,
    verifyingKey,
    verificationKeyHash: hash,
    cached,
  };
}

function report(request: SetupRequest, step: number, message: string): void {
  const total = STEPS.length;
  request.onProgress?.({ step: STEPS[step] ?? "done", done: step, total, message });
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

async function snarkjsVersion(): Promise<string> {
  const main = createRequire(import.meta.url).resolve("snarkjs");
  const text = await readFile(join(main, "../../package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
