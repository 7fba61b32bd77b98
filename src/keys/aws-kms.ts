import type { KMSClient } from "@aws-sdk/client-kms";
import { equalBytes, type Hex } from "../core/bytes.ts";
import { CheckError, errorCode, InputError, RefusedError, UnavailableError } from "../core/errors.ts";
import type { EcdsaSignature, KeyAlgorithm, KeyInfo, KeyProvider } from "../core/ports.ts";
import { compressedPoint, ethereumSignature, requireDigest } from "./ecdsa.ts";
import { isName, requireName } from "./key-file.ts";
import { addressOf } from "./secret-key.ts";

type Sdk = typeof import("@aws-sdk/client-kms");

/** Which keys of an account are ProofX's. */
export interface AwsKmsOptions {
  readonly region: string;
  /** Keys are the aliases `alias/PREFIX/NAME`, with "/" where the name has ".", which an alias cannot hold. */
  readonly prefix: string;
}

const SPEC = "ECC_SECG_P256K1";
/** DER before the uncompressed point in a SubjectPublicKeyInfo of secp256k1 (RFC 5480). */
const SPKI_PREFIX = Buffer.from("3056301006072a8648ce3d020106052b8104000a034200", "hex");

/**
 * secp256k1 keys in AWS KMS, behind the `KeyProvider` port.
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
    const { made, spki, other } = await this.#call(name, async (client, sdk) => {
      const { KeyMetadata } = await client.send(new sdk.DescribeKeyCommand({ KeyId }));
      if ((KeyMetadata?.KeySpec ?? SPEC) !== SPEC) return { other: true };
      const key = await client.send(new sdk.GetPublicKeyCommand({ KeyId }));
      return { made: KeyMetadata?.CreationDate, spki: key.PublicKey, other: false };
    });
    if (other) return undefined;
    const publicKey = publicKeyOfSpki(spki);
    const createdAt = (made ?? new Date(0)).toISOString();
    return { name, algorithm: "secp256k1", publicKey, address: addressOf(publicKey), createdAt };
  }

  async create(name: string, algorithm: KeyAlgorithm): Promise<KeyInfo> {
    const AliasName = this.#alias(name);
    if (algorithm !== "secp256k1") throw unsupported(name);
    await this.#call(name, async (client, sdk) => {
      const { KeyMetadata } = await client.send(
        new sdk.CreateKeyCommand({
          KeySpec: SPEC,
          KeyUsage: "SIGN_VERIFY",
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

function kmsError(name: string, cause: unknown): Error {
  const code = cause instanceof Error ? cause.name : errorCode(cause);
  if (code === "NotFoundException") {
    return new InputError(`no key "${name}" in AWS KMS`, {
      cause,
      next: `make one: npx hardhat keys create --name ${name} --algorithm secp256k1`,
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
    "secp256k1, the only algorithm this adapter has",
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
