import type { Address, PrivateKey, Signature, ViewKey } from "@provablehq/sdk/testnet.js";
import { InputError } from "../core/errors.ts";
import type { KeyProvider } from "../core/ports.ts";
import { type AleoSdk, loadSdk } from "./sdk.ts";

/**
 * An Aleo account that can act. Its private key and view key stay inside: nothing prints, serializes or returns them.
 */
export class AleoAccount {
  readonly address: string;
  readonly #key: PrivateKey;

  private constructor(key: PrivateKey, address: Address) {
    this.#key = key;
    this.address = address.to_string();
  }

  static of(key: PrivateKey): AleoAccount {
    return new AleoAccount(key, key.to_address());
  }

  /** Signs a message's bytes (Aleo's Schnorr signature over the account's group); `sign1…`. */
  sign(message: Uint8Array): string {
    const signature: Signature = this.#key.sign(message);
    return signature.to_string();
  }

  /**
   * Lends the private key to the SDK's builders, which take nothing else.
   *
   * @param sdk The one that is to use it: a network's builders take keys of their own module alone.
   */
  withPrivateKey<T>(use: (key: PrivateKey) => T, sdk?: AleoSdk): T {
    const own = sdk === undefined || Object.getPrototypeOf(this.#key) === sdk.PrivateKey.prototype;
    return use(own ? this.#key : sdk.PrivateKey.fromBytesLe(this.#key.toBytesLe()));
  }

  /** Lends the view key, which reads what was encrypted to the account; `sdk` as in `withPrivateKey`. */
  withViewKey<T>(use: (key: ViewKey) => T, sdk?: AleoSdk): T {
    const viewKey = this.withPrivateKey((key) => key.to_view_key(), sdk);
    try {
      return use(viewKey);
    } finally {
      viewKey.free();
    }
  }

  toJSON(): object {
    return { address: this.address };
  }
}

/**
 * The account of a key in the keystore.
 *
 * @throws InputError when there is no such key or it is none of Aleo's; RefusedError when the backend holds no Aleo keys.
 */
export async function aleoAccount(keys: KeyProvider, name: string): Promise<AleoAccount> {
  const info = await keys.info(name);
  if (info.algorithm !== "aleo" || keys.withAleoSeed === undefined) {
    throw InputError.expected(
      `key "${name}"`,
      "an Aleo key",
      info.algorithm,
      `make one: npx hardhat keys create --name NAME --algorithm aleo`,
    );
  }
  const { PrivateKey } = await loadSdk();
  return keys.withAleoSeed(name, (seed) => AleoAccount.of(PrivateKey.from_seed_unchecked(seed)));
}

/**
 * The account of a private key in text, `APrivateKey1…`; for keys that are public by design, as a development ledger's.
 *
 * @throws InputError that does not repeat the text.
 */
export async function accountOfPrivateKey(text: string): Promise<AleoAccount> {
  const { PrivateKey } = await loadSdk();
  try {
    return AleoAccount.of(PrivateKey.from_string(text));
  } catch {
    throw new InputError("private key: expected APrivateKey1 and 47 more characters, got another text");
  }
}
