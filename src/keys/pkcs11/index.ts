import { ed25519 } from "@noble/curves/ed25519.js";
import { fromHex, requireLength } from "../../core/bytes.ts";
import { CheckError, InputError, RefusedError } from "../../core/errors.ts";
import type {
  EcdsaSignature,
  KeyAlgorithm,
  KeyInfo,
  KeyProvider,
  SigningAlgorithm,
} from "../../core/ports.ts";
import { noAleoKeys } from "../aleo.ts";
import { ethereumSignature, requireDigest } from "../ecdsa.ts";
import { requireName } from "../key-file.ts";
import { requireAlgorithm, requireKind } from "../secret-key.ts";
import type { SecretSource } from "../secret-source.ts";
import { WRAPPED_KEY_BYTES } from "../wrapping.ts";
import { EDWARDS, newId, newKeyTemplates, publicKeyQuery, readPublicKey, type TokenKey } from "./objects.ts";
import { newSecretTemplates, secretKeys, unwrapOnToken, wrapOnToken } from "./secret-keys.ts";
import { type Session, Token } from "./token.ts";

/** Which token, and how it is reached. */
export interface Pkcs11Options {
  /** Path of the token maker's PKCS#11 library. */
  readonly library: string;
  /** The token's label. */
  readonly token: string;
  /** Its user PIN. */
  readonly pin: SecretSource;
}

/**
 * Keys on a PKCS#11 token, behind the `KeyProvider` port (docs/hsm.md): made there, never extractable, found by their
 * label. Every signature is verified under the public key before it is handed on, and every wrap has an IV of its own.
 */
export class Pkcs11Keys implements KeyProvider {
  readonly #token: Token;

  constructor({ library, token, pin }: Pkcs11Options) {
    this.#token = new Token(library, token, pin);
  }

  async list(): Promise<KeyInfo[]> {
    const keys = await this.#token.run("list", "public", (session) => everyKey(session));
    for (const { info } of keys) this.#onlyOne(info.name, keys);
    return keys.map(({ info }) => info).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async info(name: string): Promise<KeyInfo> {
    requireName(name);
    return this.#token.run("find", "public", (session) => this.#key(session, name).info);
  }

  async create(name: string, algorithm: KeyAlgorithm): Promise<KeyInfo> {
    requireName(name);
    requireAlgorithm(algorithm);
    if (algorithm === "aleo") throw noAleoKeys("a PKCS#11 token");
    return this.#token.run("create", "private", (session) =>
      algorithm === "aes-256"
        ? this.#createSecret(session, name)
        : this.#createPair(session, name, algorithm),
    );
  }

  async wrapKey(name: string, key: Uint8Array, aad: Uint8Array): Promise<Uint8Array> {
    requireName(name);
    requireLength("key to wrap", key, WRAPPED_KEY_BYTES);
    return this.#token.run("encrypt", "private", (session) => {
      const handle = this.#privateKey(session, this.#key(session, name, "aes-256"));
      return wrapOnToken(session, handle, name, key, aad);
    });
  }

  async unwrapKey(name: string, wrapped: Uint8Array, aad: Uint8Array): Promise<Uint8Array> {
    requireName(name);
    return this.#token.run("decrypt", "private", (session) => {
      const handle = this.#privateKey(session, this.#key(session, name, "aes-256"));
      return unwrapOnToken(session, handle, name, wrapped, aad);
    });
  }

  async signDigest(name: string, digest: Uint8Array): Promise<EcdsaSignature> {
    requireName(name);
    requireDigest(digest);
    return this.#token.run("sign", "private", (session) => {
      const key = this.#key(session, name, "secp256k1");
      const signature = session.sign(session.binding.CKM_ECDSA, this.#privateKey(session, key), digest);
      return ethereumSignature(key.info.publicKey, digest, signature, "compact");
    });
  }

  async signMessage(name: string, message: Uint8Array): Promise<Uint8Array> {
    requireName(name);
    return this.#token.run("sign", "private", (session) => {
      const key = this.#key(session, name, "ed25519");
      const signature = Uint8Array.from(session.sign(EDWARDS.sign, this.#privateKey(session, key), message));
      const publicKey = fromHex("public key", key.info.publicKey);
      if (signature.length === 64 && ed25519.verify(signature, message, publicKey, { zip215: false }))
        return signature;
      throw new CheckError("the device's signature does not verify under the key's public key");
    });
  }

  #createPair(session: Session, name: string, algorithm: SigningAlgorithm): KeyInfo {
    if (labelled(session, name).length > 0) throw this.#taken(name);
    const { binding } = session;
    const mechanism = algorithm === "secp256k1" ? binding.CKM_EC_KEY_PAIR_GEN : EDWARDS.generate;
    const id = newId(new Date());
    const templates = newKeyTemplates(binding, name, algorithm, id);
    const made = session.generate(mechanism, templates.publicKey, templates.privateKey);
    return this.#keepOrDestroy(session, name, algorithm, [made.privateKey, made.publicKey]);
  }

  #createSecret(session: Session, name: string): KeyInfo {
    if (labelled(session, name).length > 0) throw this.#taken(name);
    const { note, key } = newSecretTemplates(session.binding, name, newId(new Date()));
    const secret = session.generateSecret(session.binding.CKM_AES_KEY_GEN, key);
    let public_: Buffer;
    try {
      public_ = session.store(note);
    } catch (error) {
      session.destroy(secret);
      throw error;
    }
    return this.#keepOrDestroy(session, name, "aes-256", [secret, public_]);
  }

  /** @param made The new key's secret part, then its public one. */
  #keepOrDestroy(
    session: Session,
    name: string,
    algorithm: KeyAlgorithm,
    made: readonly [Buffer, Buffer],
  ): KeyInfo {
    try {
      // Another process may have made the same name between our look and our key.
      if (labelled(session, name).length > made.length) throw this.#taken(name);
      requireSealed(session, made[0]);
      return this.#key(session, name, algorithm).info;
    } catch (error) {
      for (const object of made) session.destroy(object);
      throw error;
    }
  }

  #key(session: Session, name: string, algorithm?: KeyAlgorithm): TokenKey {
    const key = this.#onlyOne(name, everyKey(session, name));
    if (algorithm !== undefined) requireKind(key.info, algorithm);
    return key;
  }

  /** Which of two keys a name means, nobody can say; signing with either would be a guess. */
  #onlyOne(name: string, keys: readonly TokenKey[]): TokenKey {
    const named = keys.filter(({ info }) => info.name === name);
    const [key] = named;
    if (key === undefined) {
      throw new InputError(`no key "${name}" on token "${this.#token.label}"`, {
        next: `make one: npx hardhat keys create --name ${name} --algorithm ALGORITHM`,
      });
    }
    if (named.length === 1) return key;
    const ids = named.map(({ id }) => Buffer.from(id).toString("hex")).join(" and ");
    throw new CheckError(
      `token "${this.#token.label}" has ${named.length} keys labelled "${name}", with the ids ${ids}`,
      { next: "delete or relabel all but one with the token maker's tool" },
    );
  }

  #privateKey(session: Session, { info, id }: TokenKey): Buffer {
    const { CKA_CLASS, CKO_PRIVATE_KEY, CKO_SECRET_KEY, CKA_LABEL, CKA_ID } = session.binding;
    const found = session.find([
      { type: CKA_CLASS, value: info.algorithm === "aes-256" ? CKO_SECRET_KEY : CKO_PRIVATE_KEY },
      { type: CKA_LABEL, value: info.name },
      { type: CKA_ID, value: Buffer.from(id) },
    ]);
    const [privateKey] = found;
    if (privateKey !== undefined && found.length === 1) return privateKey;
    throw new CheckError(
      `token "${this.#token.label}": key "${info.name}" has ${found.length} private halves`,
      { next: "delete what is left of it with the token maker's tool and make it again" },
    );
  }

  #taken(name: string): RefusedError {
    return new RefusedError(
      `key "${name}" exists on token "${this.#token.label}", and keys are never overwritten`,
      { next: "choose another name" },
    );
  }
}

/** What is public of every key, or of those with a name. */
function everyKey(session: Session, name?: string): TokenKey[] {
  return [...publicKeys(session, name), ...secretKeys(session, name)];
}

function publicKeys(session: Session, name?: string): TokenKey[] {
  const { CKA_CLASS, CKO_PUBLIC_KEY, CKA_LABEL } = session.binding;
  const objects = session.find([
    { type: CKA_CLASS, value: CKO_PUBLIC_KEY },
    ...(name === undefined ? [] : [{ type: CKA_LABEL, value: name }]),
  ]);
  // Other kinds of key have no curve, and asking for it is an error: they are sorted out by their kind first.
  const query = publicKeyQuery(session.binding);
  return objects
    .filter((object) => isCurveKey(session, object))
    .flatMap((object) => readPublicKey(session.read(object, query)) ?? []);
}

function isCurveKey(session: Session, object: Buffer): boolean {
  const [kind] = session.read(object, [{ type: session.binding.CKA_KEY_TYPE }]);
  const value = Buffer.isBuffer(kind?.value) ? kind.value.readUInt32LE(0) : undefined;
  return value === session.binding.CKK_EC || value === EDWARDS.keyType;
}

/** Every object of the name, half a key included: a killed process can have left one. */
function labelled(session: Session, name: string): Buffer[] {
  const { CKA_CLASS, CKA_LABEL, CKO_PUBLIC_KEY, CKO_PRIVATE_KEY, CKO_SECRET_KEY, CKO_DATA } = session.binding;
  return [CKO_PUBLIC_KEY, CKO_PRIVATE_KEY, CKO_SECRET_KEY, CKO_DATA].flatMap((kind) =>
    session.find([
      { type: CKA_CLASS, value: kind },
      { type: CKA_LABEL, value: name },
    ]),
  );
}

/** A token may take a template and not keep to it; then the key is none of ours. */
function requireSealed(session: Session, privateKey: Buffer): void {
  const { CKA_NEVER_EXTRACTABLE, CKA_ALWAYS_SENSITIVE } = session.binding;
  const said = session.read(privateKey, [{ type: CKA_NEVER_EXTRACTABLE }, { type: CKA_ALWAYS_SENSITIVE }]);
  if (said.every(({ value }) => Buffer.isBuffer(value) && value[0] === 1)) return;
  throw new CheckError("the token made a key that can be read out of it; the key was deleted");
}
