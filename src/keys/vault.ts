import { ed25519 } from "@noble/curves/ed25519.js";
import { z } from "zod";
import { fromHex, toHex, utf8 } from "../core/bytes.ts";
import {
  CheckError,
  errorCode,
  InputError,
  ProofXError,
  RefusedError,
  UnavailableError,
} from "../core/errors.ts";
import { readJson } from "../core/json.ts";
import type { EcdsaSignature, KeyAlgorithm, KeyInfo, KeyProvider } from "../core/ports.ts";
import { noAleoKeys } from "./aleo.ts";
import { isName, requireName } from "./key-file.ts";
import { requireKind } from "./secret-key.ts";
import { type SecretSource, secretFromFile } from "./secret-source.ts";
import { committed, committing, frame, notOpened, unframe, wrapContext } from "./wrapping.ts";

/** Which Transit engine, and how it is reached. */
export interface VaultOptions {
  /** `https://HOST:PORT`; plain http only to this machine itself. */
  readonly address: string;
  /** Where the Transit engine is mounted. */
  readonly mount: string;
  /** A file with mode 0600 that holds a token; read again for every request, since agents renew it. */
  readonly tokenFile: string;
}

const TIMEOUT_MS = 10_000;
const WRAPPING_TYPE = "aes256-gcm96";
const BAD_REQUEST = "Vault answered 400";
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

const keyResponse = z.object({
  data: z.object({
    type: z.string(),
    latest_version: z.int(),
    keys: z.record(z.string(), z.unknown()),
  }),
});
const versionField = z.object({ public_key: z.string(), creation_time: z.string() });
const listResponse = z.object({ data: z.object({ keys: z.array(z.string()) }) });
const secretVersion = z.number().positive();
const encryptResponse = z.object({ data: z.object({ ciphertext: z.string() }) });
const decryptResponse = z.object({ data: z.object({ plaintext: z.base64() }) });
const signResponse = z.object({ data: z.object({ signature: z.string() }) });

/**
 * Keys in HashiCorp Vault's Transit engine, behind the `KeyProvider` port: Ed25519 to sign, aes-256 to wrap the log's keys.
 *
 * UNTESTED AGAINST THE REAL SERVICE: there was no server to run it with. Its requests are compared with what the service's
 * documentation asks for, and every signature is verified under the key's public key, so a wrong answer is refused.
 * Transit has no secp256k1: keys that sign for a chain cannot be in it.
 */
export class VaultKeys implements KeyProvider {
  readonly #base: URL;
  readonly #token: SecretSource;
  readonly #fetch: typeof fetch;

  /** @param request Another than `fetch`, for tests. */
  constructor({ address, mount, tokenFile }: VaultOptions, request: typeof fetch = fetch) {
    const base = new URL(address);
    if (base.protocol !== "https:" && !LOOPBACK.has(base.hostname)) {
      throw InputError.expected(
        "vault address",
        "https, since the token travels with every request",
        address,
      );
    }
    this.#base = new URL(`/v1/${mount}/`, base);
    this.#token = secretFromFile("Vault token", tokenFile);
    this.#fetch = request;
  }

  async list(): Promise<KeyInfo[]> {
    const answer = await this.#call("GET", "keys?list=true");
    if (answer === undefined) return [];
    const names = readAnswer(listResponse, answer).data.keys.filter(isName).sort();
    const keys: KeyInfo[] = [];
    for (const name of names) {
      const key = await this.#key(name);
      if (key !== undefined) keys.push(key.info);
    }
    return keys;
  }

  async info(name: string): Promise<KeyInfo> {
    return (await this.#require(name)).info;
  }

  /** Two processes that make the same key at once get the same one: Transit ignores the second request. */
  async create(name: string, algorithm: KeyAlgorithm): Promise<KeyInfo> {
    requireName(name);
    if (algorithm === "secp256k1") throw noSecp256k1(name);
    if (algorithm === "aleo") throw noAleoKeys("Vault's Transit engine");
    if ((await this.#call("GET", `keys/${name}`)) !== undefined) {
      throw new RefusedError(`key "${name}" exists in Vault, and keys are never overwritten`, {
        next: "choose another name",
      });
    }
    await this.#call("POST", `keys/${name}`, {
      type: algorithm === "aes-256" ? WRAPPING_TYPE : "ed25519",
      exportable: false,
      allow_plaintext_backup: false,
    });
    return this.info(name);
  }

  async signDigest(name: string): Promise<EcdsaSignature> {
    requireName(name);
    throw noSecp256k1(name);
  }

  async signMessage(name: string, message: Uint8Array): Promise<Uint8Array> {
    const { info, version } = await this.#require(name);
    requireKind(info, "ed25519");
    const answer = await this.#call("POST", `sign/${name}`, {
      input: base64(message),
      // The version whose public key was read: Transit may have got a newer one since.
      key_version: version,
    });
    const { signature: text } = readAnswer(signResponse, answer).data;
    const [, body] = /^vault:v\d+:([A-Za-z0-9+/]+=*)$/.exec(text) ?? [];
    const signature = Uint8Array.from(Buffer.from(body ?? "", "base64"));
    const publicKey = fromHex("public key", info.publicKey);
    if (signature.length === 64 && ed25519.verify(signature, message, publicKey, { zip215: false }))
      return signature;
    throw new CheckError("Vault: the signature does not verify under the key's public key");
  }

  async wrapKey(name: string, key: Uint8Array, aad: Uint8Array): Promise<Uint8Array> {
    const plaintext = committing(key);
    requireKind((await this.#require(name)).info, "aes-256");
    const answer = await this.#call("POST", `encrypt/${name}`, {
      plaintext: base64(plaintext),
      associated_data: base64(wrapContext(name, aad)),
    });
    return frame("service", utf8("ciphertext", readAnswer(encryptResponse, answer).data.ciphertext));
  }

  async unwrapKey(name: string, wrapped: Uint8Array, aad: Uint8Array): Promise<Uint8Array> {
    requireKind((await this.#require(name)).info, "aes-256");
    const body = {
      ciphertext: Buffer.from(unframe("service", name, wrapped)).toString(),
      associated_data: base64(wrapContext(name, aad)),
    };
    const answer = await this.#call("POST", `decrypt/${name}`, body).catch((cause: unknown) => {
      // Transit's word for a ciphertext that its key does not open.
      throw cause instanceof UnavailableError && cause.message === BAD_REQUEST
        ? notOpened(name, cause)
        : cause;
    });
    return committed(name, Buffer.from(readAnswer(decryptResponse, answer).data.plaintext, "base64"));
  }

  async #require(name: string): Promise<{ info: KeyInfo; version: number }> {
    const key = await this.#key(requireName(name));
    if (key !== undefined) return key;
    throw new InputError(`no key "${name}" in Vault that can be used`, {
      next: `make one: npx hardhat keys create --name ${name} --algorithm ALGORITHM`,
    });
  }

  /** The latest version of a key; undefined when there is none, or it is of a type we cannot use. */
  async #key(name: string): Promise<{ info: KeyInfo; version: number } | undefined> {
    const answer = await this.#call("GET", `keys/${name}`);
    if (answer === undefined) return undefined;
    const { type, latest_version: version, keys } = readAnswer(keyResponse, answer).data;
    if (type === WRAPPING_TYPE) {
      // Of a secret key the service gives the time alone, in seconds.
      const seconds = readAnswer(secretVersion, keys[String(version)]);
      const createdAt = new Date(1000 * seconds).toISOString();
      return { info: { name, algorithm: "aes-256", publicKey: "0x", createdAt }, version };
    }
    if (type !== "ed25519") return undefined;
    const { public_key: encoded, creation_time: made } = readAnswer(versionField, keys[String(version)]);
    const publicKey = Uint8Array.from(Buffer.from(encoded, "base64"));
    const createdAt = new Date(made);
    if (publicKey.length !== 32 || Number.isNaN(createdAt.getTime())) throw strange();
    return {
      info: { name, algorithm: "ed25519", publicKey: toHex(publicKey), createdAt: createdAt.toISOString() },
      version,
    };
  }

  /** @returns the answer's JSON, undefined for "no such thing". Errors carry the status and nothing of the body. */
  async #call(method: "GET" | "POST", path: string, body?: object): Promise<unknown> {
    const token = await this.#token.read("open");
    const init: RequestInit = {
      method,
      headers: { "x-vault-token": token, "x-vault-request": "true", "content-type": "application/json" },
      // A redirect would carry the token to wherever it points.
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    try {
      const response = await this.#fetch(new URL(path, this.#base), init);
      if (response.status === 404) return undefined;
      if (!response.ok) throw refusal(response.status);
      return response.status === 204 ? {} : await response.json();
    } catch (cause) {
      if (cause instanceof ProofXError) throw cause;
      throw new UnavailableError(`Vault at ${this.#base.host} does not answer (${errorCode(cause)})`, {
        cause,
        next: "see that [keys.vault] address is right; for an own authority set NODE_EXTRA_CA_CERTS",
      });
    }
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function refusal(status: number): UnavailableError | RefusedError {
  if (status === 403) {
    return new RefusedError("Vault refused the token", {
      next: "renew the token in token_file; its policy needs transit keys and sign on these names",
    });
  }
  return new UnavailableError(`Vault answered ${status}`, { next: "vault status" });
}

function readAnswer<T extends z.ZodType>(schema: T, answer: unknown): z.output<T> {
  try {
    return readJson(schema, answer);
  } catch (cause) {
    throw strange(cause);
  }
}

function strange(cause?: unknown): CheckError {
  return new CheckError("Vault's answer is not what its Transit engine gives", { cause });
}

function noSecp256k1(name: string): InputError {
  return InputError.expected(
    `key "${name}" in Vault`,
    "ed25519 or aes-256, since Vault's Transit engine has no secp256k1",
    "secp256k1",
    "keep keys that sign for a chain in the keystore, on a PKCS#11 token or in AWS KMS",
  );
}
