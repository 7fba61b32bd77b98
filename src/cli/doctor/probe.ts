import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import { ProofXError, UnavailableError } from "../../core/errors.ts";

/** What a probe found. `lack` stops something that was asked for, `note` only makes something impossible or slow. */
export interface Finding {
  readonly status: "ok" | "note" | "lack";
  /** One line: what is there, or what is not and what that costs. */
  readonly what: string;
  /** How to mend it; a command where there is one. */
  readonly mend?: string;
}

/** One look at the machine; never changes anything, needs no secret. */
export interface Probe {
  readonly name: string;
  look(): Promise<Finding>;
}

export const ok = (what: string): Finding => ({ status: "ok", what });
export const note = (what: string, mend: string): Finding => ({ status: "note", what, mend });
export const lack = (what: string, mend: string): Finding => ({ status: "lack", what, mend });

/** What a look says, or the error it ended with; `mend` stands in when the error knows no remedy. */
export async function judged(mend: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return ok(await look());
  } catch (error) {
    const { message } = error as Error;
    return lack(message, error instanceof ProofXError ? (error.next ?? mend) : mend);
  }
}

/** @throws UnavailableError unless this user may write in the folder, or in the first one above it that is there. */
export function requireWritable(folder: string): void {
  let there = folder;
  while (!existsSync(there)) there = dirname(there);
  try {
    accessSync(there, constants.W_OK);
  } catch (cause) {
    throw new UnavailableError(`${there} cannot be written`, { cause });
  }
}
