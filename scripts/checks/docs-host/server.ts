import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HardhatHost } from "../../hardhat-host/host.ts";

/** The variable in which a block finds the socket. */
export const DOCS_HOST = "PROOFX_DOCS_HOST";

/** What `ask.ts` sends, one JSON text on a line. */
export interface Question {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** What it gets, one JSON text on a line each; the last has the exit code. */
export interface Answer {
  readonly out?: string;
  readonly err?: string;
  readonly exitCode?: number;
}

/** Each has Hardhat loaded, so a few are all that a machine should hold. */
const HOSTS = 2;
/** What a shell changes from line to line and no command reads. */
const RESTLESS = ["_", "SHLVL", "PWD", "OLDPWD", DOCS_HOST];

/** Runs the Hardhat commands of blocks, those of one environment in one process that has Hardhat loaded (`docs-bin/npx`). */
export class DocsHost {
  readonly #folder = mkdtempSync(join(tmpdir(), "proofx-docs-"));
  readonly #hosts = new Map<string, HardhatHost>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((socket) => void this.#answer(socket));
  }

  static async open(): Promise<DocsHost> {
    const host = new DocsHost();
    await new Promise<void>((ready) => void host.#server.listen(host.socket, ready));
    return host;
  }

  /** Where it listens. */
  get socket(): string {
    return join(this.#folder, "hardhat.sock");
  }

  async close(): Promise<void> {
    await Promise.all([...this.#hosts.values()].map((host) => host.close()));
    this.#hosts.clear();
    await new Promise((closed) => void this.#server.close(closed));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answer(socket: Socket): Promise<void> {
    const say = (answer: Answer): void => void socket.write(`${JSON.stringify(answer)}\n`);
    socket.on("error", () => undefined);
    const { args, env } = await read(socket);
    const host = await this.#hostFor(env);
    let ended = false;
    // A block that was stopped takes its command with it.
    socket.once("close", () => {
      if (!ended) void host.close();
    });
    const { exitCode } = await host.run(args, {
      onStdout: (out) => say({ out }),
      onStderr: (err) => say({ err }),
    });
    ended = true;
    say({ exitCode });
    socket.end();
  }

  /** The longest unused one makes room. */
  async #hostFor(env: NodeJS.ProcessEnv): Promise<HardhatHost> {
    const own = Object.fromEntries(Object.entries(env).filter(([name]) => !RESTLESS.includes(name)));
    const name = JSON.stringify(Object.entries(own).sort());
    const host = this.#hosts.get(name) ?? new HardhatHost(own);
    this.#hosts.delete(name);
    this.#hosts.set(name, host);
    const [oldest, idle] = [...this.#hosts][0] ?? [];
    if (this.#hosts.size > HOSTS && oldest !== undefined) {
      this.#hosts.delete(oldest);
      await idle?.close();
    }
    return host;
  }
}

function read(socket: Socket): Promise<Question> {
  let text = "";
  return new Promise((resolve) => {
    socket.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (text.endsWith("\n")) resolve(JSON.parse(text) as Question);
    });
  });
}
