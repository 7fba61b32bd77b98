import { readFileSync, statSync } from "node:fs";
import { errorCode, RefusedError, UnavailableError } from "../../src/core/errors.ts";

/** An API key or token from a file of mode 0600: never from the command line, which every user of the machine can read. */
export function readCredential(file: string): string {
  try {
    if ((statSync(file).mode & 0o077) !== 0)
      throw new RefusedError(`${file} can be read by other users`, { next: `chmod 600 ${file}` });
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    if (cause instanceof RefusedError) throw cause;
    throw new UnavailableError(`--credential: ${file} cannot be read (${errorCode(cause)})`, { cause });
  }
}
