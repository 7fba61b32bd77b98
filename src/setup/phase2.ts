import { randomBytes } from "node:crypto";
import { CheckError, InputError } from "../core/errors.ts";
import { Complaints, input, withCurve, zKey } from "./snarkjs.ts";
import { MAX_BEACON_EXP } from "./transcript.ts";

/** Public randomness that ends a phase 2: SHA-256 applied 2^`iterationsExp` times to `value`. */
export interface Beacon {
  /** 0x-hex, 1 to 255 bytes. */
  readonly value: string;
  /** 10 to 20. */
  readonly iterationsExp: number;
  /** Where the value is from, so that others can look it up. */
  readonly source: string;
}

/** Source of a beacon that nobody outside can look up. */
export const LOCAL_BEACON = "random bytes of this machine, drawn after the contribution";

/**
 * Makes a proving key without any contribution: its delta equals gamma, so anybody can forge proofs for it.
 *
 * @throws CheckError with snarkjs's words when circuit and powers of tau do not fit.
 */
export async function newKey(r1cs: string, ptau: string, to: string): Promise<void> {
  const complaints = new Complaints();
  const [system, powers] = [await input(r1cs), await input(ptau)];
  const made = await withCurve(() => zKey.newZKey(system, powers, to, complaints));
  if (made === -1)
    throw new CheckError(`phase 2: no proving key: ${complaints.or("snarkjs does not say why")}`);
}

/** Adds a contribution with fresh entropy, which is never written or logged and is gone when this returns. */
export async function contribute(from: string, to: string, name: string): Promise<void> {
  // snarkjs mixes in random bytes of its own and takes ours as text.
  await withCurve(() => zKey.contribute(from, to, name, randomBytes(64).toString("base64")));
}

/** Adds the beacon, after which nothing more is contributed. */
export async function applyBeacon(from: string, to: string, beacon: Beacon): Promise<void> {
  const hex = beacon.value.slice(2);
  await withCurve(() => zKey.beacon(from, to, "beacon", hex, beacon.iterationsExp));
}

/** A beacon for a setup that only its maker trusts. */
export function localBeacon(): Beacon {
  return { value: `0x${randomBytes(32).toString("hex")}`, iterationsExp: 10, source: LOCAL_BEACON };
}

/** @throws InputError when a given beacon is malformed. */
export function requireBeacon(beacon: Beacon): void {
  if (!/^0x([0-9a-f]{2}){1,255}$/.test(beacon.value)) {
    throw InputError.expected("beacon", "1 to 255 bytes as lower case 0x-hex", beacon.value);
  }
  const { iterationsExp } = beacon;
  if (!Number.isInteger(iterationsExp) || iterationsExp < 10 || iterationsExp > MAX_BEACON_EXP) {
    throw InputError.expected("beacon iterations", `an exponent of 10 to ${MAX_BEACON_EXP}`, iterationsExp);
  }
  if (beacon.source.trim() === "") throw InputError.expected("beacon source", "where the value is from", "");
}
