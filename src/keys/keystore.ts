import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, InputError, RefusedError, UnavailableError } from "../core/errors.ts";
import type { EcdsaSignature, KeyAlgorithm, KeyInfo, KeyProvider } from "../core/ports.ts";
import { nativeEd25519 } from "./ed25519.ts";
import { checkFolder, createFileOnce, ensurePrivateFolder, readPrivateFile } from "./files.ts";
import {
  decodeKeyFile,
  encodeKeyFile,
  fileNameOf,
  isKeyFile,
  type KeyFile,
  openKeyFile,
  requireName,
} from "./key-file.ts";
import type { PassphraseSource } from "./passphrase.ts";
import { WORK_FACTORS } from "./sealing.ts";
import {
  addressFor,
  generateSecret,
  publicPartOf,
  requireAlgorithm,
  requireImportable,
  requireKind,
  requireSecret,
  signDigest,
  signMessage,
} from "./secret-key.ts";
import { openKey, sealKey } from "./wrapping.ts";

const LEAST_PASSPHRASE = 12;

/** A folder of encrypted key files under one passphrase, behind the `KeyProvider` port (docs/keys.md). */
export class Keystore implements KeyProvider {
  readonly #folder: string;
  readonly #source: PassphraseSource;
  readonly #workFactor: number;
  /**
   * Opened keys, for as long as this instance lives: opening one takes about a second. Each is found by all that its
   * file holds, so a file that was exchanged meanwhile is opened anew and never signed for with the old key.
   */
  readonly #secrets = new Map<string, Promise<Uint8Array>>();
  /** Asked for once, also when several keys are opened together; forgotten when it opens nothing. */
  #passphrase: Promise<string> | undefined;
  /** Whether the passphrase has opened a key or sealed one. */
  #proven = false;

  constructor(folder: string, source: PassphraseSource, workFactor: number) {
    const { least, most } = WORK_FACTORS;
    if (!Number.isInteger(workFactor) || workFactor < least || workFactor > most) {
      throw InputError.expected("work factor", `${least} to ${most}`, workFactor);
    }
    this.#folder = folder;
    this.#source = source;
    this.#workFactor = workFactor;
  }

  async list(): Promise<KeyInfo[]> {
    if (!(await checkFolder("keystore", this.#folder))) return [];
    const names = (await readdir(this.#folder)).filter(isKeyFile);
    const files = await Promise.all(names.map((name) => this.#readFile(name)));
    return files.map(({ info }) => info).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async info(name: string): Promise<KeyInfo> {
    return (await this.#file(name)).info;
  }

  async create(name: string, algorithm: KeyAlgorithm): Promise<KeyInfo> {
    requireName(name);
    requireAlgorithm(algorithm);
    const others = await this.list();
    if (others.some((other) => other.name === name)) throw this.#taken(name);
    return this.#keep(name, algorithm, generateSecret(algorithm), others[0]);
  }

  /**
   * Takes in a key that was made elsewhere. Its age counts from now, for nobody here knows its real one.
   *
   * The same key under the same name is already there after a repeated call, and nothing is done.
   *
   * @param secret 32 bytes; wiped by nobody but the caller, and the caller's source stays as it was.
   * @throws InputError when it is no private key of the algorithm, or that is aes-256; RefusedError when name or key is taken.
   */
  async import(name: string, algorithm: KeyAlgorithm, secret: Uint8Array): Promise<KeyInfo> {
    requireName(name);
    requireImportable(algorithm);
    requireSecret(algorithm, secret);
    const others = await this.list();
    const publicKey = await publicPartOf(algorithm, secret);
    const same = others.find((other) => other.algorithm === algorithm && other.publicKey === publicKey);
    if (same?.name === name) return same;
    if (others.some((other) => other.name === name)) throw this.#taken(name);
    if (same !== undefined) {
      throw new RefusedError(`this key is already in ${this.#folder}, as "${same.name}"`, {
        next: `use "${same.name}"`,
      });
    }
    return this.#keep(name, algorithm, Uint8Array.from(secret), others[0]);
  }

  /** Encrypts a private key and writes its file; `other` is a key whose passphrase the new one shares. */
  async #keep(
    name: string,
    algorithm: KeyAlgorithm,
    secret: Uint8Array,
    other: KeyInfo | undefined,
  ): Promise<KeyInfo> {
    const passphrase = await this.#passphraseBeside(other);
    await ensurePrivateFolder(this.#folder);
    const publicKey = await publicPartOf(algorithm, secret);
    const address = addressFor(algorithm, publicKey);
    const createdAt = new Date().toISOString();
    const info: KeyInfo = {
      name,
      algorithm,
      publicKey,
      ...(address === undefined ? {} : { address }),
      createdAt,
    };
    const text = await encodeKeyFile(info, secret, passphrase, this.#workFactor);
    const fileName = fileNameOf(name);
    const file = decodeKeyFile(this.#pathOf(fileName), text);
    if (!(await createFileOnce(this.#folder, fileName, text))) throw this.#taken(name);

    this.#passphrase = Promise.resolve(passphrase);
    this.#proven = true;
    this.#secrets.set(JSON.stringify(file), Promise.resolve(secret));
    return file.info;
  }

  async signDigest(name: string, digest: Uint8Array): Promise<EcdsaSignature> {
    return signDigest(await this.#secret(name, "secp256k1"), digest);
  }

  async signMessage(name: string, message: Uint8Array): Promise<Uint8Array> {
    return signMessage(await this.#secret(name, "ed25519"), message);
  }

  async wrapKey(name: string, key: Uint8Array, aad: Uint8Array): Promise<Uint8Array> {
    return sealKey(await this.#secret(name, "aes-256"), name, key, aad);
  }

  async unwrapKey(name: string, wrapped: Uint8Array, aad: Uint8Array): Promise<Uint8Array> {
    return openKey(await this.#secret(name, "aes-256"), name, wrapped, aad);
  }

  /** Signs natively: the key stays in memory for as long as somebody holds the signer. */
  async ed25519Signer(name: string): Promise<(message: Uint8Array) => Promise<Uint8Array>> {
    const sign = nativeEd25519().signer(await this.#secret(name, "ed25519"));
    return async (message) => sign(message);
  }

  async withAleoSeed<T>(name: string, use: (seed: Uint8Array) => T | Promise<T>): Promise<T> {
    const seed = Uint8Array.from(await this.#secret(name, "aleo"));
    try {
      return await use(seed);
    } finally {
      seed.fill(0);
    }
  }

  /** The passphrase for a new key: that of the keys already there, so that one passphrase opens them all. */
  async #passphraseBeside(other: KeyInfo | undefined): Promise<string> {
    if (!this.#proven && other !== undefined) await this.#secret(other.name, other.algorithm);
    if (this.#proven && this.#passphrase !== undefined) return this.#passphrase;
    const passphrase = await this.#source.read("create");
    if (passphrase.length < LEAST_PASSPHRASE) {
      throw new InputError(`passphrase: expected at least ${LEAST_PASSPHRASE} characters, got fewer`, {
        next: "take five or more random words",
      });
    }
    return passphrase;
  }

  /** Opens a key once; callers that come together wait for the same opening. */
  async #secret(name: string, algorithm: KeyAlgorithm): Promise<Uint8Array> {
    const file = await this.#file(name);
    requireKind(file.info, algorithm);
    const id = JSON.stringify(file);
    const opening = this.#secrets.get(id) ?? this.#open(file);
    this.#secrets.set(id, opening);
    return opening.catch((error: unknown) => {
      this.#secrets.delete(id);
      throw error;
    });
  }

  async #open(file: KeyFile): Promise<Uint8Array> {
    this.#passphrase ??= this.#source.read("open");
    try {
      const secret = await openKeyFile(
        this.#pathOf(fileNameOf(file.info.name)),
        file,
        await this.#passphrase,
      );
      this.#proven = true;
      return secret;
    } catch (error) {
      if (!this.#proven) this.#passphrase = undefined;
      throw error;
    }
  }

  async #file(name: string): Promise<KeyFile> {
    const fileName = fileNameOf(name);
    await checkFolder("keystore", this.#folder);
    try {
      return await this.#readFile(fileName);
    } catch (error) {
      if (!(error instanceof UnavailableError) || errorCode(error.cause) !== "ENOENT") throw error;
      throw new InputError(`no key "${name}" in ${this.#folder}`, {
        next: `make one: npx hardhat keys create --name ${name} --algorithm ALGORITHM`,
      });
    }
  }

  async #readFile(fileName: string): Promise<KeyFile> {
    const path = this.#pathOf(fileName);
    return decodeKeyFile(path, (await readPrivateFile("key file", path, "refuse")).toString());
  }

  #pathOf(fileName: string): string {
    return join(this.#folder, fileName);
  }

  #taken(name: string): RefusedError {
    return new RefusedError(`key "${name}" exists in ${this.#folder}, and keys are never overwritten`, {
      next: "choose another name",
    });
  }
}
