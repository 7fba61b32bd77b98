import { InputError, RefusedError } from "../core/errors.ts";
import { parseStrictJson } from "../core/strict-json.ts";
import { SequencerRefusal } from "./refusal.ts";
import { RETRIES, type RetryPolicy, retryAfter, Transient, withRetries } from "./retry.ts";

/** An API key or token; or what gives the current one, for tokens that run out. */
export type Credential = string | (() => string | Promise<string>);

export interface TransportOptions {
  /** Where the sequencer listens, e.g. `https://log.example`; without `/v1`. */
  readonly url: string;
  readonly credential: Credential;
  readonly retry?: Partial<RetryPolicy>;
  /** In place of the global `fetch`. */
  readonly fetch?: typeof fetch;
}

/** One request; sent again as it is after a failure that may pass. */
export interface Call {
  readonly method?: "GET" | "POST";
  readonly body?: string;
  readonly type?: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** For a published resource: the credential stays at home. */
  readonly anonymous?: boolean;
}

/** Statuses after which the same request may succeed. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);
const LOCAL = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** The way to one sequencer. The credential goes into the `Authorization` header and nowhere else. */
export class Transport {
  readonly retry: RetryPolicy;
  readonly #base: URL;
  readonly #credential: Credential;
  readonly #fetch: typeof fetch;

  /** @throws InputError for an URL that is none; RefusedError for http to another machine. */
  constructor({ url, credential, retry = {}, fetch: own }: TransportOptions) {
    this.#base = serviceUrl(url);
    this.#credential = credential;
    this.retry = { ...RETRIES, ...retry };
    this.#fetch = own ?? ((input, init) => fetch(input, init));
  }

  /**
   * Sends a request and reads its answer, again and again while it fails in a way that may pass.
   *
   * @param path Below `/v1/`.
   * @param read Gets the whole body of an answer with a status below 300, and which try it came from.
   * @throws SequencerRefusal for the service's no; UnavailableError when there is no usable answer.
   */
  call<T>(path: string, call: Call, read: (body: Uint8Array, attempt: number) => T | Promise<T>): Promise<T> {
    return withRetries(
      this.retry,
      async (attempt) => {
        const timeout = AbortSignal.timeout(this.retry.timeout);
        const signal = call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal]);
        const answer = await this.open(path, call, signal);
        const body = await this.#overNetwork(() => answer.arrayBuffer(), call.signal);
        return read(new Uint8Array(body), attempt);
      },
      call.signal,
    );
  }

  /** The JSON of a resource. */
  json(path: string, call: Call = {}): Promise<unknown> {
    return this.call(path, { accept: "application/json", ...call }, jsonOf);
  }

  /**
   * One try, up to the answer's head.
   *
   * @param signal Ends the try; `call.signal` alone ends it for good.
   * @throws Transient, SequencerRefusal; the reason of `call.signal`.
   */
  async open(path: string, call: Call, signal: AbortSignal): Promise<Response> {
    const { method = "GET", body, type = "application/json", accept = "*/*", headers = {}, anonymous } = call;
    const authorization = anonymous === true ? {} : { authorization: `Bearer ${await this.#token()}` };
    const init: RequestInit = {
      method,
      headers: {
        accept,
        ...(body === undefined ? {} : { "content-type": type }),
        ...authorization,
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      // Another place that an answer names was not chosen by the user, and would get the credential.
      redirect: "error",
      signal,
    };
    const url = new URL(`v1/${path}`, this.#base);
    const answer = await this.#overNetwork(() => this.#fetch(url, init), call.signal);
    if (answer.ok) return answer;
    const problem = await answer.json().catch(() => undefined);
    throw problemOf(answer.status, problem, retryAfter(answer.headers.get("retry-after")));
  }

  /** Whatever fails on the way may go better next time, unless the caller gave up. */
  async #overNetwork<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      throw new Transient(`the sequencer at ${this.#base.origin} does not answer`, undefined, error);
    }
  }

  async #token(): Promise<string> {
    const token = typeof this.#credential === "string" ? this.#credential : await this.#credential();
    if (/^[\x21-\x7e]+$/.test(token)) return token;
    throw new InputError("credential: expected an API key or token in printable ASCII, got something else");
  }
}

/** A body as strict JSON. @throws Transient: a proxy's page or half an answer may be gone next time. */
export function jsonOf(body: Uint8Array | string): unknown {
  try {
    return parseStrictJson(body, {}, "answer");
  } catch (cause) {
    throw new Transient("the sequencer's answer is no JSON", undefined, cause);
  }
}

/** What a problem says: a Transient when it may pass, else the refusal. */
export function problemOf(status: number, body: unknown, wait?: number): Transient | SequencerRefusal {
  const refusal = new SequencerRefusal(status, body);
  return PASSING.has(status) ? new Transient(refusal.message, wait) : refusal;
}

function serviceUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw new InputError("url: expected an http or https URL without a user or password");
  }
  if (url.protocol === "http:" && !LOCAL.has(url.hostname)) {
    throw new RefusedError(`${url.origin}: the credential would cross the network unencrypted`, {
      next: "name the sequencer by https, or reach it through a tunnel that ends on this machine",
    });
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  url.search = "";
  url.hash = "";
  return url;
}
