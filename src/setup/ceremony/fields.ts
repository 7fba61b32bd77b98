import { z } from "zod";

/** Lower-case 0x hex of so many bytes, kept as text: records are compared and hashed as they are written. */
export const hexText = (bytes: number) => {
  const error = `0x and ${2 * bytes} lower-case hex digits`;
  return z.string({ error }).regex(new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`), { error });
};

/** RFC 3339 in UTC with milliseconds, the one spelling that `toISOString` writes. */
const TIME = "an RFC 3339 time in UTC with milliseconds";
export const timeText = z
  .string({ error: TIME })
  .refine((text) => !Number.isNaN(Date.parse(text)) && new Date(text).toISOString() === text, {
    error: TIME,
  });

/** A contributor's name as the key's file carries it, too: snarkjs cuts it after 64 characters. */
const NAME = "1 to 60 characters, none of them a control character, no space at either end";
export const contributorName = z
  .string({ error: NAME })
  .refine((text) => isContributorName(text), { error: NAME });

function isContributorName(text: string): boolean {
  // Text below U+FFFF only, so that a cut never halves a character.
  return (
    /^[^\p{C}\p{Z}](?:[^\p{C}\p{Zl}\p{Zp}]{0,58}[^\p{C}\p{Z}])?$/u.test(text) &&
    !/[\u{10000}-\u{10ffff}]/u.test(text)
  );
}

/** SHA-256 and length of a proving key. */
export const keyHash = z.strictObject({ sha256: hexText(32), bytes: z.int().positive() });

export type KeyHash = z.infer<typeof keyHash>;
