import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
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

/** What a command reads when it runs, and so differs from block to block within one process; all else may be read while Hardhat loads. */
const READ_LATE: readonly string[] = [
  "PROOFX_KEYS",
  "PROOFX_PASSPHRASE_FILE",
  "PROOFX_DEPLOYMENTS",
  "PROOFX_CONFIG",
  "PROOFX_ALEO_URL",
];
/** Says where the story's chain is; the configuration reads it once (config/networks.ts), and each story has another. */
const STACK = "build/story/stack.json";

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
    const variables = Object.entries(env).flatMap(([name, value]) =>
      RESTLESS.includes(name) || value === undefined ? [] : [[name, value] as const],
    );
    const host = await this.#hostFor(variables.filter(([name]) => !READ_LATE.includes(name)));
    let ended = false;
    // A block that was stopped takes its command with it.
    socket.once("close", () => {
      if (!ended) void host.close();
    });
    const { exitCode } = await host.run(args, {
      env: Object.fromEntries(variables.filter(([name]) => READ_LATE.includes(name))),
      onStdout: (out) => say({ out }),
      onStderr: (err) => say({ err }),
    });
    ended = true;
    say({ exitCode });
    socket.end();
  }

  /** The longest unused one makes room. */
  async #hostFor(variables: readonly (readonly [string, string])[]): Promise<HardhatHost> {
    const stack = existsSync(STACK) ? readFileSync(STACK, "utf8") : "";
    const name = JSON.stringify([stack, [...variables].sort()]);
    const host = this.#hosts.get(name) ?? new HardhatHost(Object.fromEntries(variables));
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
