import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { InputError, RefusedError } from "../core/errors.ts";

/** What a person types into and reads from. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks a person for a secret without showing it; twice when it is a new one.
 *
 * @param name What is asked for: `passphrase`.
 * @param of What it belongs to: `the keystore`.
 * @throws InputError when the two differ; RefusedError on Ctrl-C or Ctrl-D.
 */
export async function promptSecret(
  { input, output }: Terminal,
  name: string,
  of: string,
  use: "open" | "create",
): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  // Before the first question: it switches the terminal's own echo off. One for both answers, so none is lost.
  const reader = createInterface({ input, output: silent, terminal: true, historySize: 0 });
  const answers = reader[Symbol.asyncIterator]();
  const ask = async (question: string): Promise<string> => {
    output.write(question);
    const { value, done } = await answers.next();
    output.write("\n");
    if (done === true) throw new RefusedError(`no ${name} was given`);
    return value;
  };
  try {
    if (use === "open") return await ask(`${capital(name)} of ${of}: `);
    const secret = await ask(`New ${name} for ${of}: `);
    if ((await ask("The same again: ")) === secret) return secret;
    throw new InputError(`${name}: expected the same text twice, got two different ones`);
  } finally {
    reader.close();
  }
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
