import { hexToBytes } from "@noble/hashes/utils.js";
import { InputError } from "../core/errors.ts";
import type { KeyAlgorithm } from "../core/ports.ts";
import { seedOfAleoPrivateKey } from "./aleo.ts";
import { promptSecret, type Terminal } from "./prompt.ts";
import { parseDescriptor, secretFromDescriptor, secretFromFile } from "./secret-source.ts";

/** Where a private key is taken from; without either, a person types it. */
export interface SecretHexSource {
  /** A file with mode 0600 or 0400. */
  readonly file?: string | undefined;
  /** Number of an inherited descriptor, as text. */
  readonly descriptor?: string | undefined;
}

const NAME = "private key";

/**
 * Reads a private key, written as 64 hex digits with or without `0x`.
 *
 * No error repeats what was read.
 *
 * @throws InputError for anything else.
 */
export async function readSecretHex(
  { file, descriptor }: SecretHexSource,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): Promise<Uint8Array> {
  return parseHex((await readText(file, descriptor, terminal)).trim());
}

/**
 * Reads a private key in any form its algorithm has: 64 hex digits, or for aleo also `APrivateKey1…`.
 *
 * No error repeats what was read.
 *
 * @returns 32 bytes; for aleo the seed, with the lowest byte first. @throws InputError for anything else.
 */
export async function readSecretKey(
  algorithm: KeyAlgorithm,
  { file, descriptor }: SecretHexSource,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): Promise<Uint8Array> {
  const text = (await readText(file, descriptor, terminal)).trim();
  return algorithm === "aleo" && text.startsWith("APrivateKey1")
    ? seedOfAleoPrivateKey(text)
    : parseHex(text);
}

function parseHex(text: string): Uint8Array {
  const digits = text.replace(/^0x/i, "");
  if (!/^[0-9a-f]{64}$/i.test(digits)) {
    throw new InputError(`${NAME}: expected 64 hex digits, with or without 0x, got another text`);
  }
  return hexToBytes(digits);
}

function readText(
  file: string | undefined,
  descriptor: string | undefined,
  terminal: Terminal,
): Promise<string> {
  if (file !== undefined && descriptor !== undefined) {
    throw new InputError(`${NAME}: expected a file or a descriptor, got both`);
  }
  if (file !== undefined) return secretFromFile(NAME, file).read("open");
  if (descriptor !== undefined) {
    return secretFromDescriptor(NAME, parseDescriptor("descriptor", descriptor)).read("open");
  }
  if (terminal.input.isTTY === true) return promptSecret(terminal, NAME, "the key to import", "open");
  throw new InputError(`${NAME}: expected a file or a descriptor, got neither, and there is no terminal`, {
    next: "write it to a file with mode 0600 and name the file; never give it on the command line",
  });
}
