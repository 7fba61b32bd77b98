import type { KMSClient } from "@aws-sdk/client-kms";
import { equalBytes, type Hex, toHex } from "../core/bytes.ts";
import { CheckError, errorCode, InputError, RefusedError, UnavailableError } from "../core/errors.ts";
import type { EcdsaSignature, KeyAlgorithm, KeyInfo, KeyProvider } from "../core/ports.ts";
import { noAleoKeys } from "./aleo.ts";
import { compressedPoint, ethereumSignature, requireDigest } from "./ecdsa.ts";
import { isName, requireName } from "./key-file.ts";
import { addressOf, requireKind } from "./secret-key.ts";
import { committed, committing, frame, notOpened, unframe, wrapContext } from "./wrapping.ts";

type Sdk = typeof import("@aws-sdk/client-kms");

/** Which keys of an account are ProofX's. */
export interface AwsKmsOptions {
  readonly region: string;
  /** Keys are the aliases `alias/PREFIX/NAME`, with "/" where the name has ".", which an alias cannot hold. */
  readonly prefix: string;
}

const SPEC = "ECC_SECG_P256K1";
/** AES-256-GCM; the service chooses the nonce. */
const WRAPPING_SPEC = "SYMMETRIC_DEFAULT";
/** DER before the uncompressed point in a SubjectPublicKeyInfo of secp256k1 (RFC 5480). */
const SPKI_PREFIX = Buffer.from("3056301006072a8648ce3d020106052b8104000a034200", "hex");

/**
 * Keys in AWS KMS, behind the `KeyProvider` port: secp256k1 to sign, aes-256 to wrap the log's keys.
 *
 * UNTESTED AGAINST THE REAL SERVICE: there was no account to run it with. Its requests are compared with what the service's
 * documentation asks for, and every signature is verified under the key's public key, so a wrong answer is refused.
 * Credentials come from the SDK's own chain (role, profile), never from our settings.
 */
export class AwsKmsKeys implements KeyProvider {
  readonly #options: AwsKmsOptions;
  #client: Pick<KMSClient, "send"> | undefined;

  /** @param client Another than the SDK's, for tests. */
  constructor(options: AwsKmsOptions, client?: Pick<KMSClient, "send">) {
    this.#options = options;
    this.#client = client;
  }

  async list(): Promise<KeyInfo[]> {
    const names = await this.#call("list", async (client, sdk) => {
      const found: string[] = [];
      let marker: string | undefined;
      do {
        const page = await client.send(
          new sdk.ListAliasesCommand(marker === undefined ? {} : { Marker: marker }),
        );
        found.push(...(page.Aliases ?? []).flatMap(({ AliasName: alias }) => this.#nameOf(alias) ?? []));
        marker = page.Truncated === true ? page.NextMarker : undefined;
      } while (marker !== undefined);
      return found.sort();
    });
    const keys: KeyInfo[] = [];
    // One after another: the service limits how fast it is asked.
    for (const name of names) {
      const key = await this.#find(name);
      if (key !== undefined) keys.push(key);
    }
    return keys;
  }

  async info(name: string): Promise<KeyInfo> {
    const key = await this.#find(name);
    if (key !== undefined) return key;
    throw notSecp256k1();
  }

  /** Undefined for a key of another kind: one under our prefix must not hide all others. */
  async #find(name: string): Promise<KeyInfo | undefined> {
    const KeyId = this.#alias(name);
    const { made, spki, spec } = await this.#call(name, async (client, sdk) => {
      const { KeyMetadata } = await client.send(new sdk.DescribeKeyCommand({ KeyId }));
      const about = { spec: KeyMetadata?.KeySpec ?? SPEC, made: KeyMetadata?.CreationDate };
      if (about.spec !== SPEC) return { ...about, spki: undefined };
      return { ...about, spki: (await client.send(new sdk.GetPublicKeyCommand({ KeyId }))).PublicKey };
    });
    const createdAt = (made ?? new Date(0)).toISOString();
    if (spec === WRAPPING_SPEC) return { name, algorithm: "aes-256", publicKey: "0x", createdAt };
    if (spec !== SPEC) return undefined;
    const publicKey = publicKeyOfSpki(spki);
    return { name, algorithm: "secp256k1", publicKey, address: addressOf(publicKey), createdAt };
  }

  async create(name: string, algorithm: KeyAlgorithm): Promise<KeyInfo> {
    const AliasName = this.#alias(name);
    if (algorithm === "ed25519") throw unsupported(name);
    if (algorithm === "aleo") throw noAleoKeys("AWS KMS");
    const wraps = algorithm === "aes-256";
    await this.#call(name, async (client, sdk) => {
      const { KeyMetadata } = await client.send(
        new sdk.CreateKeyCommand({
          KeySpec: wraps ? WRAPPING_SPEC : SPEC,
          KeyUsage: wraps ? "ENCRYPT_DECRYPT" : "SIGN_VERIFY",
          Description: `ProofX key ${name}`,
        }),
      );
      const TargetKeyId = KeyMetadata?.KeyId;
      try {
        await client.send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId }));
      } catch (error) {
        // Nothing can name it any more; without this it would cost money for ever.
        await client.send(new sdk.ScheduleKeyDeletionCommand({ KeyId: TargetKeyId, PendingWindowInDays: 7 }));
        throw error;
      }
    });
    return this.info(name);
  }

  async signDigest(name: string, digest: Uint8Array): Promise<EcdsaSignature> {
    requireDigest(digest);
    const { publicKey } = await this.info(name);
    const KeyId = this.#alias(name);
    const signature = await this.#call(name, async (client, sdk) => {
      const command = new sdk.SignCommand({
        KeyId,
        Message: digest,
        MessageType: "DIGEST",
        SigningAlgorithm: "ECDSA_SHA_256",
      });
      return (await client.send(command)).Signature;
    });
    return ethereumSignature(publicKey, digest, signature ?? new Uint8Array(), "der");
  }

  async signMessage(name: string): Promise<Uint8Array> {
    requireName(name);
    throw unsupported(name);
  }

  async wrapKey(name: string, key: Uint8Array, aad: Uint8Array): Promise<Uint8Array> {
    const Plaintext = committing(key);
    requireKind(await this.info(name), "aes-256");
    const [KeyId, EncryptionContext] = [this.#alias(name), encryptionContext(name, aad)];
    const sealed = await this.#call(name, async (client, sdk) => {
      const answer = await client.send(new sdk.EncryptCommand({ KeyId, Plaintext, EncryptionContext }));
      return answer.CiphertextBlob;
    });
    if (sealed === undefined) throw new CheckError("AWS KMS: its answer holds no ciphertext");
    return frame("service", sealed);
  }

  async unwrapKey(name: string, wrapped: Uint8Array, aad: Uint8Array): Promise<Uint8Array> {
    requireKind(await this.info(name), "aes-256");
    const [KeyId, EncryptionContext] = [this.#alias(name), encryptionContext(name, aad)];
    const CiphertextBlob = unframe("service", name, wrapped);
    const plaintext = await this.#call(name, async (client, sdk) => {
      try {
        const command = new sdk.DecryptCommand({ KeyId, CiphertextBlob, EncryptionContext });
        return (await client.send(command)).Plaintext;
      } catch (cause) {
        if (cause instanceof Error && REFUSED_CIPHERTEXT.has(cause.name)) return undefined;
        throw cause;
      }
    });
    if (plaintext === undefined) throw notOpened(name);
    return committed(name, plaintext);
  }

  #alias(name: string): string {
    requireName(name);
    const alias = name.replaceAll(".", "/");
    if (!/\/\/|\/$/.test(alias)) return `alias/${this.#options.prefix}/${alias}`;
    throw InputError.expected("key name", 'no two "." together and none at the end, for AWS KMS', name);
  }

  #nameOf(alias: string | undefined): string | undefined {
    const start = `alias/${this.#options.prefix}/`;
    if (alias === undefined || !alias.startsWith(start)) return undefined;
    const name = alias.slice(start.length).replaceAll("/", ".");
    return isName(name) ? name : undefined;
  }

  async #call<T>(name: string, work: (client: Pick<KMSClient, "send">, sdk: Sdk) => Promise<T>): Promise<T> {
    // The SDK is large, and only users of this backend wait for it.
    const sdk = await import("@aws-sdk/client-kms");
    this.#client ??= new sdk.KMSClient({ region: this.#options.region });
    try {
      return await work(this.#client, sdk);
    } catch (cause) {
      throw kmsError(name, cause);
    }
  }
}

const REFUSED_CIPHERTEXT = new Set(["InvalidCiphertextException", "IncorrectKeyException"]);

/** KMS takes text pairs, and shows them in its log: a hash tells nothing there. */
function encryptionContext(name: string, aad: Uint8Array): Record<string, string> {
  return { proofx: toHex(wrapContext(name, aad)) };
}

function kmsError(name: string, cause: unknown): Error {
  const code = cause instanceof Error ? cause.name : errorCode(cause);
  if (code === "NotFoundException") {
    return new InputError(`no key "${name}" in AWS KMS`, {
      cause,
      next: `make one: npx hardhat keys create --name ${name} --algorithm ALGORITHM`,
    });
  }
  if (code === "AlreadyExistsException") {
    return new RefusedError(`key "${name}" exists in AWS KMS, and keys are never overwritten`, {
      cause,
      next: "choose another name",
    });
  }
  return new UnavailableError(`AWS KMS: ${name}: ${code}`, {
    cause,
    next: "see that the region, the credentials and their permissions on this key are right",
  });
}

function unsupported(name: string): InputError {
  return InputError.expected(
    `key "${name}" in AWS KMS`,
    "secp256k1 or aes-256, which are what this adapter has",
    "ed25519",
  );
}

function publicKeyOfSpki(spki: Uint8Array | undefined): Hex {
  const point = spki?.subarray(SPKI_PREFIX.length);
  if (
    spki !== undefined &&
    point?.length === 65 &&
    equalBytes(spki.subarray(0, SPKI_PREFIX.length), SPKI_PREFIX)
  ) {
    return compressedPoint(point);
  }
  throw notSecp256k1();
}

function notSecp256k1(): CheckError {
  return new CheckError("AWS KMS: the key is not on secp256k1", {
    next: `name another key; ProofX uses ${SPEC}`,
  });
}
