import { z } from "zod";
import { hexForm, isHex } from "../core/bytes.ts";

// Fields of our files; text stays text, as ethers takes it. Each says what was expected of it, for `readFields`.

const textOf = (form: string, accepts: (text: string) => boolean) =>
  z.string({ error: form }).refine(accepts, { error: form });

/** An address, its checksum not looked at. */
export const addressField = textOf("an address", (text) => /^0x[0-9a-fA-F]{40}$/.test(text));

/** Lower-case 0x hex of `length` bytes, of any number without it; kept as text. */
export const hexTextField = (length?: number) => textOf(hexForm(length), (text) => isHex(text, length));

/** A whole number written in decimal; kept as text. */
export const decimalField = textOf("a decimal integer", (text) => /^\d+$/.test(text));

/** A length of time, `least` seconds or more. */
export const secondsField = (least: number) => {
  const error = `a whole number of seconds, at least ${least}`;
  return z.int({ error }).min(least, { error });
};
