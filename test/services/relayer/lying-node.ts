import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the node answers. */
export interface NodeError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** Hands a call on to the real node. */
export type Upstream = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** How one method is falsified: gets the real node's answer on demand, gives another. Throwing refuses the call. */
export type Lie = (params: readonly unknown[], real: () => Promise<unknown>) => unknown;

/** A JSON-RPC node that tells the truth of the real one behind it, unless it was told to lie. */
export class LyingNode {
  readonly #server: Server;
  #url = "";
  readonly #upstream: Upstream;
  readonly #lies = new Map<string, Lie>();
  readonly #stalled = new Set<ServerResponse>();
  /** Every call it was asked, in order. */
  readonly asked: { readonly method: string; readonly params: readonly unknown[] }[] = [];

  private constructor(upstream: Upstream) {
    this.#upstream = upstream;
    this.#server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += chunk));
      request.on("end", () => void this.#answer(body, response));
    });
  }

  static async start(upstream: Upstream): Promise<LyingNode> {
    const node = new LyingNode(upstream);
    await new Promise<void>((resolve) => node.#server.listen(0, "127.0.0.1", resolve));
    node.#url = `http://127.0.0.1:${(node.#server.address() as AddressInfo).port}`;
    return node;
  }

  /** Where it listens, or did. */
  get url(): string {
    return this.#url;
  }

  /** Lies about a method from now on; without a lie it tells the truth again. */
  lie(method: string, lie?: Lie): void {
    if (lie === undefined) this.#lies.delete(method);
    else this.#lies.set(method, lie);
  }

  /** Leaves calls of a method, or all, without an answer. */
  stall(method: string): void {
    this.#lies.set(method, () => STALL);
  }

  honest(): void {
    this.#lies.clear();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(body: string, response: ServerResponse): Promise<void> {
    const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: unknown[] };
    this.asked.push({ method, params });
    const lie = this.#lies.get(method) ?? this.#lies.get("*");
    const real = () => this.#upstream(method, params);
    let answer: object;
    try {
      const result = lie === undefined ? await real() : await lie(params, real);
      if (result === STALL) {
        this.#stalled.add(response);
        return;
      }
      answer = { jsonrpc: "2.0", id, result };
    } catch (error) {
      const { code, message, data } = error as NodeError;
      answer = { jsonrpc: "2.0", id, error: { code: code ?? -32000, message, data } };
    }
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer));
  }
}

const STALL = Symbol("no answer");

/** What a node throws at a transaction. */
export function refusal(message: string): NodeError {
  return { code: -32000, message };
}
