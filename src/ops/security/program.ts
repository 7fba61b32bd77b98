import { execFile } from "node:child_process";

/** How a program ended. */
export interface Ran {
  /** -1 when it could not be started or did not end in time. */
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs a program to its end; its output comes whole. It never throws. */
export function runProgram(
  [program = "", ...args]: readonly string[],
  { cwd, timeoutSeconds }: { readonly cwd?: string; readonly timeoutSeconds: number },
): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { cwd, timeout: timeoutSeconds * 1000, killSignal: "SIGKILL", maxBuffer: 256 * 2 ** 20 },
      (error, output, errors) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ code, output, errors });
      },
    );
  });
}
