import { CheckError } from "../core/errors.ts";
import { type BinFile, withBinFile } from "./bin-file.ts";

const HEADER = 2;
const G1_BYTES = 64;
const G2_BYTES = 128;

/**
 * Checks that a proving key has every section in the size that its header demands.
 *
 * snarkjs trusts these numbers, so a damaged one would send it reading elsewhere.
 *
 * @throws UnavailableError, InputError or CheckError as `withBinFile`, and CheckError naming the section.
 */
export async function requireWholeKey(zkey: string): Promise<void> {
  await withBinFile("proving key", zkey, "zkey", async (file) => {
    const { wires, publicSignals, domain } = await readHeader(file);
    const sizes: [section: number, size: number][] = [
      [3, (publicSignals + 1) * G1_BYTES],
      [5, wires * G1_BYTES],
      [6, wires * G1_BYTES],
      [7, wires * G2_BYTES],
      [8, (wires - publicSignals - 1) * G1_BYTES],
      [9, domain * G1_BYTES],
    ];
    for (const [section, expected] of sizes) {
      const size = file.sections.get(section)?.size;
      if (size !== expected) {
        throw new CheckError(
          `proving key: section ${section}: expected ${expected} bytes, got ${size ?? "none"}`,
        );
      }
    }
  });
}

async function readHeader(file: BinFile): Promise<{ wires: number; publicSignals: number; domain: number }> {
  // u32 and 32 bytes for each of two moduli, then u32 wires, public signals, domain size
  const header = await file.read(HEADER, 0, 84);
  if (header.readUInt32LE(0) !== 32 || header.readUInt32LE(36) !== 32) {
    throw new CheckError("proving key: expected the curve BN254");
  }
  return {
    wires: header.readUInt32LE(72),
    publicSignals: header.readUInt32LE(76),
    domain: header.readUInt32LE(80),
  };
}
