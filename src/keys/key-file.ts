import { basename } from "node:path";
import { z } from "zod";
import { concatBytes, equalBytes, type Hex, hexForm, isHex } from "../core/bytes.ts";
import { CheckError, InputError } from "../core/errors.ts";
import { taggedHash } from "../core/hash.ts";
import { canonicalJson, readJson } from "../core/json.ts";
import type { KeyInfo } from "../core/ports.ts";
import { seal, unseal } from "./sealing.ts";
import { ALGORITHMS, ALGORITHMS_FORM, addressFor, publicPartOf, SECRET_BYTES } from "./secret-key.ts";

/** A key as its file holds it. */
export interface KeyFile {
  readonly info: KeyInfo;
  /** ASCII-armored age v1 file of `secret || H("PROOFX_KEYFILE_V1" || JCS(all other fields))` (docs/keys.md). */
  readonly ciphertext: string;
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const EXTENSION = ".json";

const SCHEMA = z.strictObject({
  version: z.literal(1, { error: "1" }),
  name: z.string(),
  algorithm: z.enum(ALGORITHMS, { error: ALGORITHMS_FORM }),
  publicKey: z.custom<Hex>((value) => typeof value === "string" && isHex(value), { error: hexForm() }),
  address: z.string().optional(),
  createdAt: z.iso.datetime({ error: "an RFC 3339 time in UTC" }),
  ciphertext: z.string(),
});

/** Whether a text can be a key's name. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** @throws InputError unless the name can be a file's on every system. */
export function requireName(name: string): string {
  if (NAME.test(name)) return name;
  throw InputError.expected("key name", '1 to 64 of "a-z 0-9 . _ -", a letter or digit first', name);
}

/** File name of a key. */
export function fileNameOf(name: string): string {
  return `${requireName(name)}${EXTENSION}`;
}

/** Whether a file of the folder is a key's; temporary files are hidden, and so are not. */
export function isKeyFile(fileName: string): boolean {
  return fileName.endsWith(EXTENSION) && NAME.test(fileName.slice(0, -EXTENSION.length));
}

/** Encrypts a new key and writes it as the text of its file. */
export async function encodeKeyFile(
  info: KeyInfo,
  secret: Uint8Array,
  passphrase: string,
  workFactor: number,
): Promise<string> {
  const plaintext = concatBytes(secret, metadataHash(info));
  const ciphertext = await seal(plaintext, passphrase, workFactor);
  plaintext.fill(0);
  return `${JSON.stringify({ ...metadata(info), ciphertext }, null, 2)}\n`;
}

/**
 * Reads the text of a key's file and checks all that needs no passphrase.
 *
 * @throws CheckError naming the file when it is torn or does not agree with itself.
 */
export function decodeKeyFile(path: string, text: string): KeyFile {
  try {
    const { version: _, ciphertext, address, ...rest } = readJson(SCHEMA, parseText(text));
    const info: KeyInfo = address === undefined ? rest : { ...rest, address };
    requireSame("name", fileNameOf(info.name), basename(path));
    requireSame("address", address, addressFor(info.algorithm, info.publicKey));
    if (info.algorithm === "aes-256") requireSame("publicKey", info.publicKey, "0x");
    return { info, ciphertext };
  } catch (cause) {
    throw damaged(path, cause);
  }
}

/**
 * The private key of a key's file.
 *
 * @throws InputError for a wrong passphrase; CheckError naming the file when any part of it was changed.
 */
export async function openKeyFile(
  path: string,
  { info, ciphertext }: KeyFile,
  passphrase: string,
): Promise<Uint8Array> {
  const opened = await unseal(ciphertext, passphrase);
  if (opened.outcome === "wrong passphrase") {
    throw new InputError(`the passphrase does not open key "${info.name}" (${path})`, {
      next: "give the passphrase this keystore was made with; if it is right, restore the file from a backup",
    });
  }
  if (opened.outcome === "damaged") throw damaged(path, opened.cause);
  const secret = opened.plaintext.subarray(0, SECRET_BYTES);
  const bound = opened.plaintext.subarray(SECRET_BYTES);
  const publicKey = await publicPartOf(info.algorithm, secret);
  if (!equalBytes(bound, metadataHash(info)) || publicKey !== info.publicKey) {
    throw damaged(path, new CheckError("its public fields are not those it was made with"));
  }
  return secret;
}

/** Its own error: the parser's quotes the text, which could be anything that somebody put there. */
function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError("expected JSON, got something else");
  }
}

function metadata(info: KeyInfo) {
  const { name, algorithm, publicKey, address, createdAt } = info;
  return { version: 1, name, algorithm, publicKey, ...(address === undefined ? {} : { address }), createdAt };
}

/** Encrypted with the key, so that nobody without the passphrase can change what stands beside it. */
function metadataHash(info: KeyInfo): Uint8Array {
  return taggedHash("PROOFX_KEYFILE_V1", canonicalJson("key", metadata(info)));
}

function requireSame(what: string, expected: unknown, got: unknown): void {
  if (expected !== got) throw InputError.expected(what, String(expected), got);
}

function damaged(path: string, cause: unknown): CheckError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CheckError(`key file ${path} is torn or was changed: ${reason}`, {
    cause,
    next: "restore it from a backup, or move it out of the keystore",
  });
}
