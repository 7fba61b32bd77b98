import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { CheckError, RefusedError, UnavailableError } from "../../core/errors.ts";
import type { Setup } from "../ensure.ts";
import { exists, hashFile, moveFolder, writeWhole } from "../files.ts";
import { DEVELOPMENT_PTAU, identifyPtau } from "../ptau.ts";
import { readCircuitSize } from "../r1cs.ts";
import { computeFacts, readKept } from "../record.ts";
import { toolVersions } from "../tools.ts";
import { readTranscript, type Transcript } from "../transcript.ts";
import { toSolidity } from "../verifying-key.ts";
import { describeAnnouncement } from "./announce.ts";
import { type Ceremony, FINAL_KEY, keysFolderOf, readCeremony } from "./folder.ts";
import { faultOfHistory, faultOfKeyFile, faultOfPtauFile, requireNoFault } from "./key-check.ts";

/** Names within an exported setup: what deploying, proving and `snarkjs groth16 verify` take. */
export const SETUP_FILES = {
  zkey: "final.zkey",
  key: "verification_key.json",
  transcript: "transcript.json",
} as const;

export interface ExportRequest {
  readonly folder: string;
  readonly keys?: string | undefined;
  /** The final proving key, wherever it is; in the folder of keys unless given. */
  readonly zkey?: string | undefined;
  readonly circuit: { readonly name: string; readonly r1cs: string };
  readonly ptau?: string | undefined;
  /** Folder to make. */
  readonly to: string;
}

/**
 * Writes a finished ceremony as a setup: proving key, verification key and transcript, in a folder that appears whole.
 *
 * Records and hashes are checked; that the key follows from circuit and powers of tau is for `verifyCeremony`.
 *
 * @throws CheckError when the ceremony is not finished or a file is not its own; RefusedError when the folder exists.
 */
export async function exportCeremony(request: ExportRequest): Promise<Setup> {
  const { folder, circuit, to, ptau = DEVELOPMENT_PTAU } = request;
  const ceremony = await readCeremony(folder);
  const { config, contributions, beacon } = ceremony;
  if (beacon === undefined) {
    throw new CheckError(`the ceremony ${config.name} is not finished: no beacon was applied`, {
      next: "npx hardhat ceremony status tells what is missing",
    });
  }
  if (await exists(to)) {
    throw new RefusedError(`${to} exists, and nothing is overwritten`, {
      next: "name a new folder with --out",
    });
  }
  const zkey = request.zkey ?? join(keysFolderOf(folder, request.keys), FINAL_KEY);
  if (!(await exists(zkey))) {
    throw new UnavailableError(`${zkey}: the final proving key is not there`, {
      next: "name it with --zkey",
    });
  }
  requireNoFault(zkey, await faultOfKeyFile(zkey, beacon.to));
  requireNoFault(zkey, await faultOfHistory(zkey, config, contributions, beacon));
  requireNoFault(ptau, await faultOfPtauFile(ptau, config), "name the ceremony's powers of tau: --ptau FILE");
  const partial = `${to}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await writeWhole(join(partial, SETUP_FILES.zkey), (path) => copyFile(zkey, path));
  await writeRecords(ceremony, partial, { circuit, ptau });
  await moveFolder(partial, to);
  return await loadSetup({ folder: to, circuit, ptau });
}

async function writeRecords(
  { config, folder }: Ceremony,
  to: string,
  { circuit, ptau }: { readonly circuit: ExportRequest["circuit"]; readonly ptau: string },
): Promise<void> {
  const source = describeAnnouncement(config.beacon);
  const origin = await originOf(circuit, ptau);
  requireNoFault(circuit.r1cs, unlessSame(config.circuit.sha256, origin.system.sha256), OTHER_CIRCUIT);
  const { facts, key } = await computeFacts(origin, join(to, SETUP_FILES.zkey));
  const transcript: Transcript = {
    ...facts,
    beacon: { ...facts.beacon, source },
    tools: await toolVersions(),
    createdAt: new Date().toISOString(),
    ceremony: { name: basename(folder), id: config.id },
  };
  for (const [name, value] of [
    [SETUP_FILES.key, key],
    [SETUP_FILES.transcript, transcript],
  ] as const) {
    await writeWhole(join(to, name), (path) => writeFile(path, `${JSON.stringify(value, null, 2)}\n`));
  }
}

const OTHER_CIRCUIT = "check out the sources of the ceremony, or name their file with --circuit";

function unlessSame(expected: string, got: string): { expected: string; got: string } | undefined {
  return expected === got ? undefined : { expected: `the circuit ${expected}`, got };
}

async function originOf(circuit: ExportRequest["circuit"], ptau: string) {
  return {
    circuit,
    powers: await identifyPtau(ptau),
    size: await readCircuitSize(circuit.r1cs),
    system: await hashFile(circuit.r1cs),
  };
}

/**
 * Reads an exported setup and compares everything in its transcript with its files, circuit and powers of tau.
 *
 * That the key follows from them is for `verifySetup`, which takes longer.
 *
 * @throws CheckError naming the first field that differs; UnavailableError when a file is missing.
 */
export async function loadSetup(request: {
  readonly folder: string;
  readonly circuit: { readonly name: string; readonly r1cs: string };
  readonly ptau?: string | undefined;
}): Promise<Setup> {
  const { folder, circuit, ptau = DEVELOPMENT_PTAU } = request;
  const [zkey, key, file] = [SETUP_FILES.zkey, SETUP_FILES.key, SETUP_FILES.transcript].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const { beacon } = await readTranscript(file);
  const origin = { ...(await originOf(circuit, ptau)), beacon };
  const kept = await readKept(origin, { home: folder, zkey, key, transcript: file, next: EXPORT_NEXT });
  return {
    circuit: circuit.name,
    development: origin.powers.label === "development",
    constraints: origin.size.constraints,
    r1cs: circuit.r1cs,
    ptau,
    zkey,
    verificationKeyFile: key,
    transcriptFile: file,
    transcript: kept.transcript,
    verifyingKey: toSolidity(kept.key),
    verificationKeyHash: kept.transcript.verificationKeyHash,
    cached: true,
  };
}

const EXPORT_NEXT = "export the ceremony again, and name its powers of tau with --ptau";
