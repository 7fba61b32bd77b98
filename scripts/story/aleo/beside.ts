import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { findDevnode } from "../../../src/aleo/runtime.ts";
import { CheckError, UnavailableError } from "../../../src/core/errors.ts";
import { commandEnvironment, running, stopCommand } from "../command.ts";
import { PATHS } from "../context.ts";
import type { AleoTold } from "./told.ts";

/** What goes on with Aleo beside the steps of the story. */
export type AleoBeside =
  | { readonly there: true; readonly told: Promise<AleoTold>; stop(): Promise<void> }
  /** This machine cannot run a ledger: why, and what to do about it. */
  | { readonly there: false; readonly reason: string; readonly next: string };

/**
 * Starts a ledger, and on it an agent that registers with stake and has an execution verified, in a process that goes on while
 * the story tells its other steps. Downloads nothing.
 */
export function beginAleo(agentId: string): AleoBeside {
  try {
    findDevnode();
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return { there: false, reason: error.message, next: error.next ?? "" };
  }
  const child = spawn(
    process.execPath,
    ["--import", "./scripts/story/leash.ts", "scripts/story/aleo/ledger.ts", agentId],
    { env: commandEnvironment(), stdio: ["pipe", "pipe", "pipe"] },
  );
  running.add(child);
  const file = join(PATHS.logs, "aleo-ledger.log");
  const log = createWriteStream(file);
  child.stderr.pipe(log);
  const told = new Promise<AleoTold>((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk;
      if (said.endsWith("\n")) resolve(JSON.parse(said) as AleoTold);
    });
    child.once("error", reject);
    child.once("close", (code) => {
      running.delete(child);
      reject(new CheckError(`the ledger on Aleo ended with ${code}`, { next: `look at ${file}` }));
    });
  });
  // Whoever waits for it is told; until then it is nobody's.
  told.catch(() => undefined);
  return { there: true, told, stop: () => stopCommand(child) };
}
