import { copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { writeFileDurably } from "../../chain/files.ts";
import { CheckError, InputError, RefusedError } from "../../core/errors.ts";
import { readFields } from "../../core/json.ts";
import { exists, hashFile, writeWhole } from "../files.ts";
import { newKey } from "../phase2.ts";
import type { OnProgress } from "../progress.ts";
import { admitPtau, DEVELOPMENT_PTAU, identifyPtau } from "../ptau.ts";
import { readCircuitSize, requireEnoughPowers } from "../r1cs.ts";
import { type Ceremony, FILES, keyFile, keysFolderOf, makeFolders, readCeremony } from "./folder.ts";
import { type Announcement, type CeremonyConfig, ceremonyId, configSchema, recordText } from "./record.ts";
import { faultOfConfig } from "./rules.ts";

export interface NewCeremonyRequest {
  /** Folder to make; its name is the ceremony's, e.g. `001-compliance`. */
  readonly folder: string;
  /** Folder for the proving keys; `keys` in the folder unless given. */
  readonly keys?: string | undefined;
  /** A compiled circuit, as `compileCircuit` returns it. */
  readonly circuit: { readonly name: string; readonly r1cs: string };
  /** A powers of tau file prepared for phase 2; the development one unless given. */
  readonly ptau?: string | undefined;
  /**
   * A key before any contribution that was made here of the same circuit and powers of tau, as `ensureSetup` keeps it.
   * Without it, one is made. Nobody has to believe it: every verification makes the key anew and compares.
   */
  readonly initialKey?: string;
  /** Accept a file that is not in the published table, if it verifies. */
  readonly acceptUnknownPtau?: boolean;
  readonly beacon: Announcement;
  /** Who may contribute; anybody when empty. */
  readonly contributors: CeremonyConfig["contributors"];
  readonly now?: () => Date;
  readonly onProgress?: OnProgress;
}

/**
 * Begins a ceremony: makes the key before any contribution and fixes everything that contributors rely on.
 *
 * A run that was killed left no `ceremony.json` and is simply made again.
 *
 * @throws RefusedError when there is a ceremony already; InputError or CheckError for inputs that cannot be used.
 */
export async function createCeremony(request: NewCeremonyRequest): Promise<Ceremony> {
  const { folder, circuit, beacon, contributors, now = () => new Date() } = request;
  if (await exists(join(folder, FILES.config))) {
    throw new RefusedError(`${folder}: there is a ceremony already, and nothing of it may change`, {
      next: "take another name",
    });
  }
  const report = (done: number, step: string, message: string): void =>
    request.onProgress?.({ step, done, total: 3, message });
  report(0, "powers of tau", "reading the powers of tau");
  const powers = await identifyPtau(request.ptau ?? DEVELOPMENT_PTAU);
  await admitPtau(powers, request.acceptUnknownPtau === true);
  const size = await readCircuitSize(circuit.r1cs);
  requireEnoughPowers(size, powers);
  const { sha256 } = await hashFile(circuit.r1cs);
  const { path: _, ...ptau } = powers;
  const planned: Omit<CeremonyConfig, "id" | "initialKey"> = {
    version: 1,
    name: basename(folder),
    circuit: { name: circuit.name, sha256, ...size },
    ptau,
    beacon,
    contributors: [...contributors],
    createdAt: now().toISOString(),
  };
  // What is wrong with the plan is said before the key is made, which takes long.
  requireSound({ ...planned, initialKey: { sha256: `0x${"0".repeat(64)}`, bytes: 1 } });

  report(1, "new key", `the key before any contribution, for ${size.constraints} constraints`);
  const keys = keysFolderOf(folder, request.keys);
  await makeFolders(folder, keys);
  const initial = join(keys, keyFile(0));
  const kept = request.initialKey;
  await writeWhole(initial, (to) =>
    kept === undefined ? newKey(circuit.r1cs, powers.path, to) : copyFile(kept, to),
  );
  const { sha256: keySha256, bytes } = await hashFile(initial);
  report(2, "record", "writing down what is fixed from now on");
  const config = requireSound({ ...planned, initialKey: { sha256: keySha256, bytes } });
  writeFileDurably(join(folder, FILES.config), recordText(config));
  return await readCeremony(folder);
}

/** The whole record, its fields in the format's order. */
function requireSound(fields: Omit<CeremonyConfig, "id">): CeremonyConfig {
  const config = readFields(configSchema, { ...fields, id: `0x${"0".repeat(64)}` }, FILES.config);
  const complete = { ...config, id: ceremonyId(config) };
  const fault = faultOfConfig(complete);
  if (fault !== undefined) throw InputError.expected("ceremony", fault.expected, fault.got);
  return complete;
}

/** @throws CheckError once the announced beacon may be known: whoever contributed then could have chosen with it. */
export function requireBeforeBeacon({ config }: Ceremony, now: Date): void {
  if (now.toISOString() < config.beacon.notBefore) return;
  throw new CheckError(
    `the ceremony ${config.name} takes no more contributions: its beacon may be known since ${config.beacon.notBefore}`,
    { next: "apply the beacon: npx hardhat ceremony beacon" },
  );
}
