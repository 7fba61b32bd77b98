import { InputError } from "./errors.ts";

const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
const CONSTANT = 0x2bc830a3;

/** Bytes as bech32m (BIP 350) under a prefix of lower-case letters; without the length limit of Bitcoin's addresses. */
export function encodeBech32m(prefix: string, bytes: Uint8Array): string {
  const words = regroup(bytes, 8, 5, true);
  const sum = polymod([...expand(prefix), ...words, 0, 0, 0, 0, 0, 0]) ^ CONSTANT;
  const checksum = [25, 20, 15, 10, 5, 0].map((shift) => (sum >>> shift) & 31);
  return `${prefix}1${[...words, ...checksum].map((word) => ALPHABET[word]).join("")}`;
}

/**
 * The bytes of a bech32m text with that prefix.
 *
 * @throws InputError naming `what` for another prefix, a wrong checksum, upper case, or bits left over.
 */
export function decodeBech32m(what: string, prefix: string, text: string): Uint8Array {
  const refuse = (): never => {
    throw InputError.expected(what, `bech32m text that begins with ${prefix}1`, text);
  };
  if (!text.startsWith(`${prefix}1`)) return refuse();
  const words = [...text.slice(prefix.length + 1)].map((letter) => ALPHABET.indexOf(letter));
  if (words.length < 6 || words.includes(-1)) return refuse();
  if (polymod([...expand(prefix), ...words]) !== CONSTANT) return refuse();
  const data = words.slice(0, -6);
  const bytes = Uint8Array.from(regroup(data, 5, 8, false));
  return encodeBech32m(prefix, bytes) === text ? bytes : refuse();
}

function expand(prefix: string): number[] {
  const codes = [...prefix].map((letter) => letter.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

function polymod(words: readonly number[]): number {
  let sum = 1;
  for (const word of words) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ word;
    GENERATOR.forEach((factor, i) => {
      if (((top >> i) & 1) === 1) sum ^= factor;
    });
  }
  return sum;
}

/** Reads bits in groups of `from` and gives them in groups of `to`; `pad` fills the last group with zeros. */
function regroup(groups: Iterable<number>, from: number, to: number, pad: boolean): number[] {
  const out: number[] = [];
  let [held, bits] = [0, 0];
  for (const group of groups) {
    held = ((held << from) | group) & 0xfff;
    bits += from;
    for (; bits >= to; bits -= to) out.push((held >> (bits - to)) & ((1 << to) - 1));
  }
  if (pad && bits > 0) out.push((held << (to - bits)) & ((1 << to) - 1));
  return out;
}
