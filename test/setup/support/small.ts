import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { powersOfTau } from "snarkjs";
import {
  type CompiledCircuit,
  compileCircuit,
  ensureSetup,
  type OwnSetup,
  type VerifyRequest,
} from "../../../src/setup/index.ts";
import { withCurve } from "../../../src/setup/snarkjs.ts";

/** A circuit of two constraints and powers of tau to match, so that a test from scratch takes seconds. */
export interface Small {
  readonly folder: string;
  readonly circuit: CompiledCircuit;
  readonly other: CompiledCircuit;
  /** 2^4, prepared, of unknown origin. */
  readonly ptau: string;
  /** The same before it was prepared for phase 2. */
  readonly unprepared: string;
  readonly setup: OwnSetup;
}

let made: Promise<Small> | undefined;

/** Keeps the curve's worker threads up for a group of tests, which each call would else start and end. */
export function keepWorkers(): void {
  let release: () => void;
  let ended: Promise<unknown>;
  before((done) => {
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    ended = withCurve(async () => {
      done();
      await until;
    });
  });
  after(async () => {
    release();
    await ended;
  });
}

/** What `verifySetup` needs to judge it, deployed nowhere yet. */
export function requestOf({ circuit, ptau, setup }: Small): VerifyRequest {
  return { r1cs: circuit.r1cs, ptau, zkey: setup.zkey, transcript: setup.transcriptFile };
}

/** Makes it once a process. */
export function small(): Promise<Small> {
  made ??= make();
  return made;
}

const folders: string[] = [];
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is removed when the process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "proofx-setup-"));
  folders.push(folder);
  return folder;
}

/** Powers of tau with one contribution. */
export async function makePtau(folder: string, power: number): Promise<{ ptau: string; unprepared: string }> {
  const [fresh, unprepared, ptau] = ["new", "contributed", "prepared"].map((name) =>
    join(folder, `${name}_${power}.ptau`),
  ) as [string, string, string];
  await withCurve(async (curve) => {
    await powersOfTau.newAccumulator(curve, power, fresh);
    await powersOfTau.contribute(fresh, unprepared, "test", randomBytes(32).toString("hex"));
    await powersOfTau.preparePhase2(unprepared, ptau);
  });
  return { ptau, unprepared };
}

/** A copy of a file, with one byte changed or cut at a length. */
export async function damage(
  path: string,
  to: string,
  how: { readonly flip: number } | { readonly cut: number },
): Promise<string> {
  const bytes = await readFile(path);
  if ("cut" in how) {
    await writeFile(to, bytes.subarray(0, how.cut));
    return to;
  }
  bytes[how.flip] = (bytes[how.flip] ?? 0) ^ 1;
  await writeFile(to, bytes);
  return to;
}

async function make(): Promise<Small> {
  const folder = temporaryFolder();
  const { ptau, unprepared } = await makePtau(folder, 4);
  const circuit = await compile("small");
  const other = await compile("other");
  const setup = await ensureSetup({ circuit, ptau, acceptUnknownPtau: true, folder: join(folder, "setup") });
  return { folder, circuit, other, ptau, unprepared, setup };
}

async function compile(name: string): Promise<CompiledCircuit> {
  const source = fileURLToPath(new URL(`../fixtures/${name}.circom`, import.meta.url));
  return await compileCircuit(name, { source });
}
