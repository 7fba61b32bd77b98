import { closeSync, readFileSync } from "node:fs";
import { errorCode, InputError, UnavailableError } from "../core/errors.ts";
import { readPrivateFile } from "./files.ts";
import { promptPassphrase, type Terminal } from "./prompt.ts";

/** Where a keystore's passphrase comes from. Never argv and never the value of an environment variable. */
export interface PassphraseSource {
  /** @param use `create` begins a keystore, so a person is asked twice; `open` uses one. */
  read(use: "open" | "create"): Promise<string>;
}

const FILE = "PROOFX_PASSPHRASE_FILE";
const DESCRIPTOR = "PROOFX_PASSPHRASE_FD";

/** The passphrase is the one line of a file that only its owner may read (mode 0600 or 0400). */
export function passphraseFromFile(path: string): PassphraseSource {
  return {
    read: async () =>
      oneLine("passphrase file", (await readPrivateFile("passphrase file", path, "follow")).toString()),
  };
}

/** The passphrase is the one line that an inherited file descriptor gives; it is read once and closed. */
export function passphraseFromDescriptor(descriptor: number): PassphraseSource {
  let read: string | undefined;
  return {
    read: async () => {
      read ??= oneLine("passphrase descriptor", drain(descriptor));
      return read;
    },
  };
}

/** A person is asked, without echo. */
function passphraseFromTerminal(terminal: Terminal): PassphraseSource {
  return { read: (use) => promptPassphrase(terminal, use) };
}

/**
 * The file that PROOFX_PASSPHRASE_FILE names, or the descriptor whose number is in PROOFX_PASSPHRASE_FD, or the terminal.
 *
 * It is chosen when it is first read, so that what needs no passphrase works without one.
 */
export function passphraseFromEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): PassphraseSource {
  let source: PassphraseSource | undefined;
  return {
    read: async (use) => {
      source ??= choose(environment, terminal);
      return source.read(use);
    },
  };
}

function choose(
  environment: Readonly<Record<string, string | undefined>>,
  terminal: Terminal,
): PassphraseSource {
  const file = environment[FILE];
  const descriptor = environment[DESCRIPTOR];
  if (file !== undefined && descriptor !== undefined) {
    throw new InputError(`expected ${FILE} or ${DESCRIPTOR}, got both`);
  }
  if (file !== undefined) return passphraseFromFile(file);
  if (descriptor !== undefined) {
    if (!/^\d{1,4}$/.test(descriptor))
      throw InputError.expected(DESCRIPTOR, "a file descriptor's number", "another text");
    return passphraseFromDescriptor(Number(descriptor));
  }
  if (terminal.input.isTTY === true) return passphraseFromTerminal(terminal);
  throw new UnavailableError("the keystore's passphrase is needed, and there is no terminal to ask on", {
    next: `write it to a file with mode 0600 and set ${FILE} to its path, or ${DESCRIPTOR} to an open descriptor`,
  });
}

function drain(descriptor: number): string {
  try {
    const text = readFileSync(descriptor, "utf8");
    // Child processes would inherit it.
    closeSync(descriptor);
    return text;
  } catch (cause) {
    throw new UnavailableError(
      `${DESCRIPTOR}: descriptor ${descriptor} cannot be read (${errorCode(cause)})`,
      { cause },
    );
  }
}

/** Without the line end at its end, which editors and `echo` add. */
function oneLine(what: string, text: string): string {
  const line = text.replace(/\r?\n$/, "");
  if (line === "") throw new InputError(`${what}: expected one line, got nothing`);
  if (/[\r\n]/.test(line)) throw new InputError(`${what}: expected one line, got more`);
  return line;
}
