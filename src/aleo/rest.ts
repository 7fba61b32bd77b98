import { setTimeout as pause } from "node:timers/promises";
import { errorCode, InputError, RefusedError, UnavailableError } from "../core/errors.ts";
import { type AleoNetwork, requireNetwork } from "./sdk.ts";

/** How long a node is tried. */
export interface RestPolicy {
  /** Tries of one request, the first included. */
  readonly attempts: number;
  /** The first pause; each later one is twice as long; milliseconds. */
  readonly firstPause: number;
  /** One try may take this long; milliseconds. */
  readonly timeout: number;
}

export const REST_POLICY: RestPolicy = { attempts: 5, firstPause: 200, timeout: 60_000 };

/** Where a ledger answers. */
export interface LedgerAddress {
  /** Without the network and without a slash at the end, as the SDK wants it. */
  readonly host: string;
  readonly network: AleoNetwork;
}

/**
 * What a node says, with another code than 5xx or with one, when the thing asked for is not there. Nodes answer that with
 * HTTP 404 or 500; asking again changes nothing.
 */
const ABSENT = /Missing |does not exist|Failed to find|not found|Failed to get block by height/i;
/** What was sent is wrong, and will be however often it is sent. */
const INVALID =
  /Invalid |Failed to parse|Failed to deserialize|verification failed|Cannot request more|must be included|require persistent storage/i;

/**
 * Reads a ledger's address: `http://127.0.0.1:3030`, `https://HOST/v1/mainnet`. Without a network at its end it is a testnet.
 *
 * @throws InputError unless it is such a URL; never repeats a password in one.
 */
export function parseLedgerUrl(text: string): LedgerAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !["http:", "https:"].includes(url.protocol) ||
    url.search !== "" ||
    url.hash !== ""
  ) {
    throw InputError.expected(
      "ledger",
      "a URL like http://127.0.0.1:3030 or https://HOST/v1/testnet",
      withoutSecret(url),
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new InputError("ledger: expected a URL without a user and password in it, for URLs end up in logs");
  }
  const parts = url.pathname.split("/").filter((part) => part !== "");
  const last = parts.at(-1);
  const named = last === "testnet" || last === "mainnet" || last === "canary";
  const network = requireNetwork(named ? (parts.pop() ?? "") : "testnet");
  const path = parts.map((part) => `/${part}`).join("");
  return { host: `${url.origin}${path}`, network };
}

/** Asks a node over HTTP; network faults and a server's own faults are tried again, refusals are not. */
export class Rest {
  readonly address: LedgerAddress;
  readonly #policy: RestPolicy;

  constructor(address: LedgerAddress, policy: RestPolicy) {
    this.address = address;
    this.#policy = policy;
  }

  /** @returns the parsed answer; undefined when the node says there is no such thing. */
  async get(path: string): Promise<unknown> {
    return this.#request("GET", path, undefined);
  }

  /** @param body JSON text. It must be harmless to send twice. */
  async post(path: string, body: string): Promise<unknown> {
    return this.#request("POST", path, body);
  }

  async #request(method: "GET" | "POST", path: string, body: string | undefined): Promise<unknown> {
    const { attempts, firstPause } = this.#policy;
    for (let number = 1; ; number += 1) {
      const outcome = await this.#try(method, path, body);
      if (!("fault" in outcome)) return outcome.answer;
      if (number >= attempts) {
        throw new UnavailableError(
          `the Aleo ledger at ${this.address.host} does not answer: ${outcome.fault} (tried ${number} times)`,
          {
            next: "check the address and that the node runs; the same command may be repeated",
            cause: outcome.cause,
          },
        );
      }
      await pause(firstPause * 2 ** (number - 1));
    }
  }

  async #try(
    method: "GET" | "POST",
    path: string,
    body: string | undefined,
  ): Promise<{ answer: unknown } | { fault: string; cause?: unknown }> {
    const { host, network } = this.address;
    let status: number;
    let text: string;
    try {
      const response = await fetch(`${host}/${network}/${path}`, {
        method,
        signal: AbortSignal.timeout(this.#policy.timeout),
        redirect: "error",
        ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
      });
      status = response.status;
      text = await response.text();
    } catch (cause) {
      return { fault: faultOf(cause), cause };
    }
    return judge(method, path, status, text);
  }
}

function judge(
  method: "GET" | "POST",
  path: string,
  status: number,
  text: string,
): { answer: unknown } | { fault: string } {
  if (status >= 200 && status < 300) {
    try {
      return { answer: JSON.parse(text) };
    } catch {
      return { fault: `no JSON came from ${path}` };
    }
  }
  const said = text.slice(0, 500).trim();
  if (method === "GET" && (status === 404 || ABSENT.test(said))) return { answer: undefined };
  // A node's own refusals come with 500 as well; its text tells them from its faults.
  if (status === 429 || (status >= 500 && !INVALID.test(said))) return { fault: `HTTP ${status}: ${said}` };
  throw new RefusedError(
    `the Aleo ledger refused ${method} ${path}: ${said === "" ? `HTTP ${status}` : said}`,
  );
}

function faultOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return errorCode(cause);
}

function withoutSecret(url: URL | undefined): string {
  return url === undefined ? "another text" : `${url.protocol}//${url.host}${url.pathname}`;
}
