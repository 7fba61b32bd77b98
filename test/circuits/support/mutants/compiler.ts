import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { CheckError } from "../../../../src/core/errors.ts";

/** What became of a compilation, and all that the compiler printed. */
export interface Compiled {
  readonly ok: boolean;
  readonly output: string;
}

const PROCESS = fileURLToPath(new URL("./compiler-process.ts", import.meta.url));

/** Circuit compilers that stay up; as many compile at a time as there are, and one more waits. */
export class Compilers implements AsyncDisposable {
  readonly #all: readonly ChildProcess[];
  readonly #idle: ChildProcess[];
  readonly #waiting: ((compiler: ChildProcess) => void)[] = [];

  constructor(count: number) {
    this.#all = Array.from({ length: count }, () => fork(PROCESS));
    this.#idle = [...this.#all];
  }

  /**
   * Runs `circom2 WORDS`.
   *
   * @throws CheckError with the compiler's words when it does not compile.
   */
  async compile(words: readonly string[]): Promise<void> {
    const compiler =
      this.#idle.pop() ?? (await new Promise<ChildProcess>((free) => void this.#waiting.push(free)));
    try {
      const { ok, output } = await ask(compiler, words);
      if (!ok) throw new CheckError(stripVTControlCharacters(output));
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(compiler);
      else next(compiler);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#all.map((each) => (each.exitCode === null ? once(each, "exit") : undefined));
    for (const each of this.#all) if (each.connected) each.disconnect();
    await Promise.all(ended);
  }
}

async function ask(compiler: ChildProcess, words: readonly string[]): Promise<Compiled> {
  const abort = new AbortController();
  const died = once(compiler, "exit", { signal: abort.signal }).then(([code, signal]) => {
    throw new Error(`a compiler ended with ${code ?? signal}`);
  });
  died.catch(() => undefined);
  const answered = once(compiler, "message", { signal: abort.signal });
  answered.catch(() => undefined);
  compiler.send(words);
  try {
    const [answer] = await Promise.race([answered, died]);
    return answer as Compiled;
  } finally {
    abort.abort();
  }
}
