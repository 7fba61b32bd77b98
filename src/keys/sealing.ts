import { armor, Decrypter, Encrypter } from "age-encryption";

/**
 * Log2 of scrypt's N: age's own default, about a second and 256 MiB a guess. It is a cost on whoever steals the file,
 * and on every first use of a key; with a passphrase of 128 random bits and more it buys nothing.
 */
export const DEFAULT_WORK_FACTOR = 18;

/** Log2 of N that age accepts. */
export const WORK_FACTORS = { least: 1, most: 20 } as const;

/** What opening a ciphertext can come to. */
export type Opened =
  | { readonly outcome: "opened"; readonly plaintext: Uint8Array }
  | { readonly outcome: "wrong passphrase" }
  | { readonly outcome: "damaged"; readonly cause: unknown };

/** Encrypts under a passphrase: an ASCII-armored age v1 file with one scrypt recipient. */
export async function seal(plaintext: Uint8Array, passphrase: string, workFactor: number): Promise<string> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(workFactor);
  return armor.encode(await encrypter.encrypt(plaintext));
}

/** Opens what `seal` made. Never throws, so that no error text of the library can carry a secret on. */
export async function unseal(armored: string, passphrase: string): Promise<Opened> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    return { outcome: "opened", plaintext: await decrypter.decrypt(armor.decode(armored)) };
  } catch (cause) {
    // The library has no error classes. A header whose passphrase fits but whose MAC does not is told apart from this.
    const wrong =
      cause instanceof Error && cause.message === "no identity matched any of the file's recipients";
    return wrong ? { outcome: "wrong passphrase" } : { outcome: "damaged", cause };
  }
}
