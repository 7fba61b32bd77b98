export const U64_MAX = 2n ** 64n - 1n;
export const U64_FORM = "a decimal string from 0 to 2^64 - 1";

/** Whether `text` is a u64 as our JSON writes it: decimal, no sign, no leading zero. */
export function isU64(text: string): boolean {
  return /^(?:0|[1-9]\d{0,19})$/.test(text) && BigInt(text) <= U64_MAX;
}
