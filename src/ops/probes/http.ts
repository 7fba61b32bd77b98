import { errorCode, UnavailableError } from "../../core/errors.ts";

/** Longer answers are nobody's that is asked here. */
const MAX_BYTES = 4_000_000;
const TIMEOUT_MS = 10_000;

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Of the answer's `Date`; milliseconds since 1970. */
  readonly date: number | undefined;
}

export interface Asking {
  readonly method?: "GET" | "POST";
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Asks over HTTP, following no redirect.
 *
 * @param what Names who is asked, in errors: URLs may carry keys.
 * @throws UnavailableError when there is no answer.
 */
export async function ask(what: string, url: string, asking: Asking = {}): Promise<Answer> {
  try {
    const response = await fetch(url, {
      ...asking,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const date = Date.parse(response.headers.get("date") ?? "");
    return {
      status: response.status,
      text: await readLimited(response),
      date: Number.isNaN(date) ? undefined : date,
    };
  } catch (error) {
    // fetch wraps the reason; the cause stays out, for it may hold the URL.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new UnavailableError(`${what} does not answer (${errorCode(cause)})`);
  }
}

/** As {@link ask}, for JSON. @throws UnavailableError for any status but 2xx, and for what is no JSON. */
export async function askJson(what: string, url: string, asking: Asking = {}): Promise<unknown> {
  const { status, text } = await ask(what, url, asking);
  if (status < 200 || status > 299) throw new UnavailableError(`${what} answers ${status}${problemIn(text)}`);
  return parse(what, text);
}

/** @throws UnavailableError for what is no JSON. */
export function parse(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnavailableError(`${what} answers something else than JSON`);
  }
}

/** The code of a problem (RFC 9457) as our services write it. */
function problemIn(text: string): string {
  const code = /"code":\s*"([a-z-]{1,60})"/.exec(text)?.[1];
  return code === undefined ? "" : ` (${code})`;
}

async function readLimited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new UnavailableError("too long an answer");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
