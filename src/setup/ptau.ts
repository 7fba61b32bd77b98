import { fileURLToPath } from "node:url";
import { CheckError, InputError, RefusedError } from "../core/errors.ts";
import { withBinFile } from "./bin-file.ts";
import { hashFile } from "./files.ts";
import { PUBLISHED_PTAU, publishedName } from "./published-ptau.ts";
import { Complaints, input, powersOfTau, withCurve } from "./snarkjs.ts";
import type { Transcript } from "./transcript.ts";

/** The committed powers of tau, 2^12, for development only; see the README beside them. */
export const DEVELOPMENT_PTAU = fileURLToPath(
  new URL("../../ceremony/dev-powers-of-tau/dev_12.ptau", import.meta.url),
);

/** BLAKE2b-512 of that file. Whatever is made from it is labelled `development`, under any name it has. */
const DEVELOPMENT_PTAU_BLAKE2B =
  "0x834873b3864113a2085025955da5b3243aa42c74dea18b58e2957aaed5538aefa46b1477b66d05e7ee57c355bfdb181f1574bf65277f21b8833eeac45753b41d";

/** A powers of tau file that is whole and prepared for phase 2, and where it is from. */
export interface IdentifiedPtau extends Readonly<Transcript["ptau"]> {
  readonly path: string;
}

const HEADER = 1;
/** Evaluations of the Lagrange polynomials, which phase 2 starts from. */
const PREPARED = [12, 13, 14, 15];

/**
 * Says which powers of tau file this is, by its hash; its name does not matter.
 *
 * @throws UnavailableError when it cannot be read; InputError when it is no prepared BN254 file; CheckError when it is cut.
 */
export async function identifyPtau(path: string): Promise<IdentifiedPtau> {
  const power = await readPower(path);
  const { sha256, blake2b } = await hashFile(path);
  return { path, power, sha256, blake2b, ...origin(blake2b) };
}

/**
 * Checks the file's own proof: every contribution, every power and the prepared values. About 5 s at 2^12, twice for each power more.
 *
 * @returns undefined when all holds, else what does not.
 */
export async function faultOfPtau(path: string): Promise<string | undefined> {
  const complaints = new Complaints();
  const file = await input(path);
  const holds = await complaints.collect(() => withCurve(() => powersOfTau.verify(file, complaints)));
  return holds ? undefined : complaints.or("the powers do not hold together");
}

/**
 * Accepts a known file as it is, and an unknown one only if the caller says so and it verifies.
 *
 * @throws RefusedError for an unknown file that the caller did not accept; CheckError when it does not verify.
 */
export async function admitPtau(ptau: IdentifiedPtau, acceptUnknown: boolean): Promise<void> {
  if (ptau.label !== "unknown") return;
  if (!acceptUnknown) {
    throw new RefusedError(
      `powers of tau: ${ptau.path} is no published file (BLAKE2b ${ptau.blake2b.slice(0, 18)}...)`,
      {
        next: "use a file that the README of snarkjs lists (docs/setup.md), or accept it: npx hardhat ceremony setup --trust-unknown-ptau",
      },
    );
  }
  const fault = await faultOfPtau(ptau.path);
  if (fault !== undefined) throw new CheckError(`powers of tau: ${ptau.path} does not verify: ${fault}`);
}

/** A file's label, name, size and hashes in one line: equal lines are equal files. */
export function describePtau({ label, name, power, blake2b, sha256 }: Transcript["ptau"]): string {
  return `${label} ${name}, 2^${power}, BLAKE2b ${blake2b}, SHA-256 ${sha256}`;
}

function origin(blake2b: string): { label: IdentifiedPtau["label"]; name: string } {
  if (blake2b === DEVELOPMENT_PTAU_BLAKE2B) return { label: "development", name: "dev_12.ptau" };
  for (const [power, published] of PUBLISHED_PTAU) {
    if (published === blake2b) return { label: "published", name: publishedName(power) };
  }
  return { label: "unknown", name: "unknown" };
}

async function readPower(path: string): Promise<number> {
  return await withBinFile("powers of tau", path, "ptau", async (file) => {
    const fieldBytes = (await file.read(HEADER, 0, 4)).readUInt32LE();
    // BN254's 32-byte modulus, little endian; BLS12-381 files have 48 bytes here.
    const modulus = fieldBytes === 32 ? (await file.read(HEADER, 4, 32)).toString("hex") : "";
    if (modulus !== BN254_MODULUS) throw InputError.expected("powers of tau", "the curve BN254", path);
    if (!PREPARED.every((section) => file.sections.has(section))) {
      throw InputError.expected(
        "powers of tau",
        "a file prepared for phase 2",
        path,
        `npx snarkjs powersoftau prepare phase2 ${path} prepared.ptau`,
      );
    }
    return (await file.read(HEADER, 4 + fieldBytes, 4)).readUInt32LE();
  });
}

const BN254_MODULUS = Buffer.from("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47", "hex")
  .reverse()
  .toString("hex");
