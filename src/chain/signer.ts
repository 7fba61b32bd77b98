import {
  AbstractSigner,
  copyRequest,
  getBytes,
  hashMessage,
  type Provider,
  resolveAddress,
  Signature,
  Transaction,
  type TransactionLike,
  type TransactionRequest,
  type TypedDataDomain,
  TypedDataEncoder,
  type TypedDataField,
} from "ethers";
import { InputError } from "../core/errors.ts";
import type { KeyProvider } from "../core/ports.ts";

/** An ethers signer whose key stays behind the `KeyProvider` port: it hands digests over and gets signatures back. */
export class KeyProviderSigner extends AbstractSigner {
  readonly #keys: KeyProvider;
  readonly #name: string;
  readonly #address: string;

  private constructor(keys: KeyProvider, name: string, address: string, provider: Provider | null) {
    super(provider);
    this.#keys = keys;
    this.#name = name;
    this.#address = address;
  }

  /** @throws InputError when the key is not a secp256k1 key. */
  static async open(keys: KeyProvider, name: string, provider: Provider | null): Promise<KeyProviderSigner> {
    const { algorithm, address } = await keys.info(name);
    if (address === undefined) {
      throw InputError.expected(`key "${name}"`, "a secp256k1 key, which has an address", algorithm);
    }
    return new KeyProviderSigner(keys, name, address, provider);
  }

  override async getAddress(): Promise<string> {
    return this.#address;
  }

  override connect(provider: Provider | null): KeyProviderSigner {
    return new KeyProviderSigner(this.#keys, this.#name, this.#address, provider);
  }

  override async signTransaction(request: TransactionRequest): Promise<string> {
    const { from, to, ...rest } = copyRequest(request);
    const [sender, recipient] = await Promise.all(
      [from, to].map((name) => (name == null ? null : resolveAddress(name, this.provider))),
    );
    if (sender != null && sender !== this.#address) {
      throw InputError.expected("transaction sender", this.#address, sender);
    }
    const transaction = Transaction.from({ ...rest, to: recipient ?? null } as TransactionLike);
    transaction.signature = await this.#sign(transaction.unsignedHash);
    return transaction.serialized;
  }

  override async signMessage(message: string | Uint8Array): Promise<string> {
    return (await this.#sign(hashMessage(message))).serialized;
  }

  override async signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    // biome-ignore lint/suspicious/noExplicitAny: the type ethers gives to the method being overridden
    value: Record<string, any>,
  ): Promise<string> {
    return (await this.#sign(TypedDataEncoder.hash(domain, types, value))).serialized;
  }

  async #sign(digest: string): Promise<Signature> {
    const { r, s, yParity } = await this.#keys.signDigest(this.#name, getBytes(digest));
    return Signature.from({ r, s, yParity });
  }
}
