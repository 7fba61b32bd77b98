import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Block, heightOf } from "../../../src/aleo/block.ts";

/** Falsifies an answer: gets what the real node says, gives another; throwing refuses the call. */
export type AleoLie = (path: string, answer: unknown) => unknown;

/** REST interface of an Aleo node that says what the real one behind it says, unless it was told to lie. */
export class LyingAleoNode {
  readonly #server: Server;
  #lie: AleoLie | undefined;

  private constructor(real: string) {
    this.#server = createServer(async (request, response) => {
      const path = request.url ?? "";
      try {
        const answer = await fetch(`${real}${path}`);
        const text = await answer.text();
        const said =
          this.#lie === undefined || !answer.ok ? text : JSON.stringify(this.#lie(path, JSON.parse(text)));
        response.writeHead(answer.status, { "content-type": "application/json" }).end(said);
      } catch {
        response.writeHead(500).end("Missing block");
      }
    });
  }

  /** @param real The host of the node behind it. */
  static async start(real: string): Promise<LyingAleoNode> {
    const node = new LyingAleoNode(real);
    await new Promise<void>((resolve) => node.#server.listen(0, "127.0.0.1", resolve));
    return node;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  lie(lie: AleoLie): void {
    this.#lie = lie;
  }

  honest(): void {
    this.#lie = undefined;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Without any transaction: as if nobody had called anything. */
export function emptied(answer: unknown): unknown {
  const one = (block: unknown) => ({ ...(block as object), transactions: [] });
  return Array.isArray(answer) ? answer.map(one) : one(answer);
}

/** A node whose newest block is an older one. */
export function behind(newest: Block): AleoLie {
  return (path, answer) => {
    if (path.endsWith("/block/latest")) return newest;
    const end = Number(/end=(\d+)/.exec(path)?.[1] ?? 0) - 1;
    if (end > heightOf(newest)) throw new Error("not there yet");
    return answer;
  };
}
