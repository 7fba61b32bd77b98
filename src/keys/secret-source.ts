import { closeSync, readFileSync } from "node:fs";
import { errorCode, InputError, UnavailableError } from "../core/errors.ts";
import { readPrivateFile } from "./files.ts";
import { promptSecret, type Terminal } from "./prompt.ts";

/** Where a secret comes from: a passphrase, a PIN. Never argv and never the value of an environment variable. */
export interface SecretSource {
  /** @param use `create` begins something, so a person is asked twice; `open` uses what is there. */
  read(use: "open" | "create"): Promise<string>;
}

/** What a kind of secret is called, to people and in the environment. */
export interface SecretKind {
  readonly name: string;
  /** What it opens, for people: `the keystore`. */
  readonly opens: string;
  /** Environment variable that holds a file's path. */
  readonly fileVariable: string;
  /** Environment variable that holds an open descriptor's number. */
  readonly descriptorVariable: string;
}

/** The secret is the one line of a file that only its owner may read (mode 0600 or 0400). */
export function secretFromFile(name: string, path: string): SecretSource {
  const what = `${name} file`;
  return { read: async () => oneLine(what, (await readPrivateFile(what, path, "follow")).toString()) };
}

/** The secret is the one line that an inherited file descriptor gives; it is read once and closed. */
export function secretFromDescriptor(name: string, descriptor: number): SecretSource {
  let read: string | undefined;
  return {
    read: async () => {
      read ??= oneLine(`${name} descriptor`, drain(name, descriptor));
      return read;
    },
  };
}

/** The number of a descriptor, written in decimal; the text is not repeated, for it could be the secret itself. */
export function parseDescriptor(what: string, text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw InputError.expected(what, "a file descriptor's number", "another text");
  return Number(text);
}

/**
 * The file or the descriptor that the environment names, or the terminal.
 *
 * It is chosen when it is first read, so that what needs no secret works without one.
 */
export function secretFromEnvironment(
  kind: SecretKind,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): SecretSource {
  let source: SecretSource | undefined;
  return {
    read: async (use) => {
      source ??= choose(kind, environment, terminal);
      return source.read(use);
    },
  };
}

function choose(
  kind: SecretKind,
  environment: Readonly<Record<string, string | undefined>>,
  terminal: Terminal,
): SecretSource {
  const { name, opens, fileVariable, descriptorVariable } = kind;
  const file = environment[fileVariable];
  const descriptor = environment[descriptorVariable];
  if (file !== undefined && descriptor !== undefined) {
    throw new InputError(`expected ${fileVariable} or ${descriptorVariable}, got both`);
  }
  if (file !== undefined) return secretFromFile(name, file);
  if (descriptor !== undefined) {
    return secretFromDescriptor(name, parseDescriptor(descriptorVariable, descriptor));
  }
  if (terminal.input.isTTY === true) {
    return { read: (use) => promptSecret(terminal, name, opens, use) };
  }
  throw new UnavailableError(`${opens}'s ${name} is needed, and there is no terminal to ask on`, {
    next: `write it to a file with mode 0600 and set ${fileVariable} to its path, or ${descriptorVariable} to an open descriptor`,
  });
}

function drain(name: string, descriptor: number): string {
  try {
    const text = readFileSync(descriptor, "utf8");
    // Child processes would inherit it.
    closeSync(descriptor);
    return text;
  } catch (cause) {
    throw new UnavailableError(`${name}: descriptor ${descriptor} cannot be read (${errorCode(cause)})`, {
      cause,
    });
  }
}

/** Without the line end at its end, which editors and `echo` add. */
function oneLine(what: string, text: string): string {
  const line = text.replace(/\r?\n$/, "");
  if (line === "") throw new InputError(`${what}: expected one line, got nothing`);
  if (/[\r\n]/.test(line)) throw new InputError(`${what}: expected one line, got more`);
  return line;
}
