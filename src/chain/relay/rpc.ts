import { errorCode, UnavailableError } from "../../core/errors.ts";

/** How a node failed to answer; a refusal is an answer and no fault. */
export type FaultKind = "timeout" | "transport" | "malformed" | "wrong-chain" | "disagreement";

/** A node, or all of them, gave no answer that can be used. Names endpoints by their number: URLs carry keys. */
export class RpcFault extends UnavailableError {
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** A node's own refusal of a call; `data` is the contract's, where there is one. */
export class RpcRefusal extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data: unknown) {
    super(message);
    this.name = "RpcRefusal";
    this.code = code;
    this.data = data;
  }
}

/** No answer that the relayer asks for is larger. */
const MAX_BYTES = 8_000_000;

/** One JSON-RPC node over HTTP. */
export class Endpoint {
  /** Its place in the configuration, from 0. */
  readonly index: number;
  readonly #url: string;
  readonly #timeout: number;
  #id = 0;

  /** @param timeout Milliseconds for one call, the answer included. */
  constructor(index: number, url: string, timeout: number) {
    this.index = index;
    this.#url = url;
    this.#timeout = timeout;
  }

  /** @throws RpcFault when there is no proper answer; RpcRefusal when the node refuses. */
  async call(method: string, params: readonly unknown[]): Promise<unknown> {
    const id = ++this.#id;
    const answer = await this.#post(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    if (typeof answer !== "object" || answer === null || Reflect.get(answer, "id") !== id) {
      throw this.#fault("malformed", `${method} was answered by something else than JSON-RPC`);
    }
    const { error, result } = answer as { error?: Record<string, unknown> | null; result?: unknown };
    if (error !== undefined && error !== null) {
      const message = typeof error.message === "string" ? this.#redact(error.message) : "no reason";
      throw new RpcRefusal(Number(error.code), message, error.data);
    }
    if (result === undefined) throw this.#fault("malformed", `${method} was answered without a result`);
    return result;
  }

  async #post(body: string): Promise<unknown> {
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        redirect: "error",
        signal: AbortSignal.timeout(this.#timeout),
      });
      const text = await readLimited(response);
      if (text === undefined) throw this.#fault("malformed", "sent too much");
      return JSON.parse(text);
    } catch (cause) {
      if (cause instanceof RpcFault) throw cause;
      if (cause instanceof SyntaxError) throw this.#fault("malformed", "sent something else than JSON");
      const timedOut = errorCode(cause) === "TimeoutError" || errorCode(cause) === "AbortError";
      const kind = timedOut ? "timeout" : "transport";
      // The cause stays out: it may hold the URL.
      throw this.#fault(kind, timedOut ? "did not answer in time" : "cannot be reached");
    }
  }

  /** Takes out of a node's words what its URL holds: providers put keys there, and some repeat them. */
  #redact(message: string): string {
    const { host, pathname, searchParams } = new URL(this.#url);
    const parts = [host, ...pathname.split("/"), ...searchParams.values()].filter(
      ({ length }) => length >= 8,
    );
    const bare = message.replaceAll(/https?:\/\/\S+/g, "(URL)");
    return parts.reduce((text, part) => text.replaceAll(part, "(hidden)"), bare).slice(0, 300);
  }

  #fault(kind: FaultKind, what: string): RpcFault {
    return new RpcFault(kind, `RPC endpoint ${this.index} ${what}`);
  }
}

async function readLimited(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Reads an Ethereum quantity; RpcFault for anything else. */
export function quantity(value: unknown, what: string): bigint {
  if (typeof value !== "string" || !/^0x[0-9a-f]{1,64}$/i.test(value)) {
    throw new RpcFault("malformed", `${what}: a node answered with something else than a number`);
  }
  return BigInt(value);
}

/** Reads a block number, nonce or timestamp. */
export function smallQuantity(value: unknown, what: string): number {
  const number = quantity(value, what);
  if (number > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new RpcFault("malformed", `${what}: a node answered with an impossible number`);
  }
  return Number(number);
}
