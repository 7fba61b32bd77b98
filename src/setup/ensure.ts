import { createHash } from "node:crypto";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { exists, type FileHashes, hashFile, moveFolder, writeWhole } from "./files.ts";
import { withLock } from "./lock.ts";
import { applyBeacon, type Beacon, contribute, localBeacon, newKey, requireBeacon } from "./phase2.ts";
import type { OnProgress } from "./progress.ts";
import { admitPtau, DEVELOPMENT_PTAU, type IdentifiedPtau, identifyPtau } from "./ptau.ts";
import { type CircuitSize, readCircuitSize, requireEnoughPowers } from "./r1cs.ts";
import { computeFacts, readKept } from "./record.ts";
import { withCurve } from "./snarkjs.ts";
import { toolVersions } from "./tools.ts";
import type { Transcript } from "./transcript.ts";
import { type SolidityVerifyingKey, toSolidity } from "./verifying-key.ts";

export interface SetupRequest {
  /** A compiled circuit, as `compileCircuit` returns it. */
  readonly circuit: { readonly name: string; readonly r1cs: string };
  /** A powers of tau file prepared for phase 2; the development one unless given. */
  readonly ptau?: string;
  /** Accept a file that is not in the published table, if it verifies. */
  readonly acceptUnknownPtau?: boolean;
  /** Public randomness to end with; random bytes of this machine unless given. */
  readonly beacon?: Beacon;
  /**
   * A key before any contribution that was made here of the same circuit and powers of tau, as an earlier `ensureSetup` keeps it.
   * Without it, one is made. Nobody has to believe it: `verifySetup` makes the key anew and compares.
   */
  readonly initialKey?: string;
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

/** A setup made here. */
export interface OwnSetup extends Setup {
  /** Key before any contribution, kept so that a later check need not make it anew; see `verifySetup`. */
  readonly initialKey: string;
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
export async function ensureSetup(request: SetupRequest): Promise<OwnSetup> {
  if (request.beacon !== undefined) requireBeacon(request.beacon);
  const plan = await makePlan(request);
  if (await exists(plan.home)) return await load(plan, true);
  const wait = (): void => report(plan, 1, "waiting for another run that makes this setup");
  return await withLock(plan.home, wait, async () => {
    if (await exists(plan.home)) return await load(plan, true);
    await admitPtau(plan.powers, request.acceptUnknownPtau === true);
    const work = `${plan.home}.work`;
    await mkdir(work, { recursive: true });
    await withCurve(() => build(plan, work));
    await moveFolder(work, plan.home);
    return await load(plan, false);
  });
}

async function makePlan(request: SetupRequest): Promise<Plan> {
  const path = request.ptau ?? DEVELOPMENT_PTAU;
  report(request, 0, `reading the powers of tau ${relative(".", path)}`);
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
  const { circuit, powers, contributor = "first", initialKey: kept } = plan;
  const once = async (path: string, step: number, message: string, make: (to: string) => Promise<void>) => {
    if (await exists(path)) return;
    report(plan, step, message);
    await writeWhole(path, make);
  };
  if (!(await exists(final))) {
    await once(initial, 1, `a proving key for ${plan.size.constraints} constraints`, (to) =>
      kept === undefined ? newKey(circuit.r1cs, powers.path, to) : copyFile(kept, to),
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
  const { facts, key } = await computeFacts(plan, join(work, NAMES.zkey));
  const transcript: Transcript = {
    ...facts,
    tools: await toolVersions(),
    createdAt: new Date().toISOString(),
  };
  await writeWhole(join(work, NAMES.key), (to) => writeJson(to, key));
  await writeWhole(join(work, NAMES.transcript), (to) => writeJson(to, transcript));
}

async function load(plan: Plan, cached: boolean): Promise<OwnSetup> {
  const at = (name: string): string => join(plan.home, name);
  const files = { zkey: at(NAMES.zkey), key: at(NAMES.key), transcript: at(NAMES.transcript) };
  const { transcript, key } = await readKept(plan, { home: plan.home, ...files });
  if (cached) report(plan, STEPS.length, "found the setup made before");
  return {
    circuit: plan.circuit.name,
    development: plan.powers.label === "development",
    constraints: plan.size.constraints,
    r1cs: plan.circuit.r1cs,
    ptau: plan.powers.path,
    zkey: files.zkey,
    initialKey: at(NAMES.initial),
    verificationKeyFile: files.key,
    transcriptFile: files.transcript,
    transcript,
    verifyingKey: toSolidity(key),
    verificationKeyHash: transcript.verificationKeyHash,
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
