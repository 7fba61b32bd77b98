const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/** Bits of a letter, letters of the checksum, and what it comes to (BIP 350). */
const BITS = 5;
const CHECKSUM = 6;
const BECH32M = 0x2bc830a3;
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/**
 * Whether a text is `length` bytes in bech32m behind a prefix and `1`, in the one spelling that is read here: lower case, no bit
 * of padding set. What the bytes mean is for who decodes them; Aleo's own decoder ends its process on what this refuses.
 */
export function isBech32m(prefix: string, length: number, text: string): boolean {
  const letters = Math.ceil((8 * length) / BITS);
  if (!text.startsWith(`${prefix}1`) || text.length !== prefix.length + 1 + letters + CHECKSUM) return false;
  const data = [...text.slice(prefix.length + 1)].map((letter) => ALPHABET.indexOf(letter));
  const padding = 2 ** (letters * BITS - 8 * length) - 1;
  if (data.includes(-1) || ((data[letters - 1] ?? 0) & padding) !== 0) return false;
  const codes = [...prefix].map((letter) => letter.charCodeAt(0));
  const expanded = [...codes.map((code) => code >> BITS), 0, ...codes.map((code) => code & 31), ...data];
  return expanded.reduce(step, 1) === BECH32M;
}

function step(checksum: number, value: number): number {
  const top = checksum >>> 25;
  const shifted = ((checksum & 0x1ffffff) << BITS) ^ value;
  return GENERATOR.reduce((sum, term, bit) => ((top >>> bit) & 1 ? sum ^ term : sum), shifted) >>> 0;
}
