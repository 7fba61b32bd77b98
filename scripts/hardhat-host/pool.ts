import { type Finished, HardhatHost, type RunOptions } from "./host.ts";

/** A few hosts for commands that are started side by side; one more command waits until a host is free. */
export class HostPool {
  readonly #idle: HardhatHost[];
  readonly #all: readonly HardhatHost[];
  readonly #waiting: ((host: HardhatHost) => void)[] = [];

  /** @param size Hosts at most; one starts when a command needs it. */
  constructor(env: NodeJS.ProcessEnv, size: number) {
    this.#all = Array.from({ length: size }, () => new HardhatHost(env));
    this.#idle = [...this.#all];
  }

  async run(args: readonly string[], options?: RunOptions): Promise<Finished> {
    const host =
      this.#idle.shift() ?? (await new Promise<HardhatHost>((free) => void this.#waiting.push(free)));
    try {
      return await host.run(args, options);
    } finally {
      const next = this.#waiting.shift();
      // In front: the host that ran last is one that is up.
      if (next === undefined) this.#idle.unshift(host);
      else next(host);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((host) => host.close()));
  }
}
