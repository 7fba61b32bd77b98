import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { InputError, RefusedError } from "../core/errors.ts";

/** What a person types into and reads from. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks a person for a keystore's passphrase without showing it; twice when it is a new one.
 *
 * @throws InputError when the two differ; RefusedError on Ctrl-C or Ctrl-D.
 */
export async function promptPassphrase(terminal: Terminal, use: "open" | "create"): Promise<string> {
  if (use === "open") return ask(terminal, "Passphrase of the keystore: ");
  const passphrase = await ask(terminal, "New passphrase for the keystore: ");
  if ((await ask(terminal, "The same again: ")) !== passphrase) {
    throw new InputError("passphrase: expected the same text twice, got two different ones");
  }
  return passphrase;
}

function ask({ input, output }: Terminal, question: string): Promise<string> {
  output.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: silent, terminal: true, historySize: 0 });
  return new Promise<string>((resolve, reject) => {
    lines.once("line", resolve);
    lines.once("SIGINT", () => reject(new RefusedError("interrupted before a passphrase was given")));
    lines.once("close", () => reject(new RefusedError("no passphrase was given")));
  }).finally(() => {
    lines.close();
    output.write("\n");
  });
}
