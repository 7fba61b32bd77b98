import { errorCode, RefusedError } from "../../core/errors.ts";
import { RetryLater } from "../alerts/index.ts";
import { oneLine } from "../alerts/text.ts";

/** How a receiver is reached over HTTP. */
export interface HttpReceiver {
  /** What error texts call it. */
  readonly name: string;
  readonly url: string;
  /** Milliseconds for one call. */
  readonly timeout: number;
  /** What is cut out of a receiver's own words, should it repeat them. */
  readonly secrets?: readonly string[];
  /** Seconds that a refusal's JSON asks for, where the receiver puts them there. */
  readonly asked?: (body: unknown) => number | undefined;
}

const LONGEST_ANSWER = 65_536;
const EXCERPT = 200;
/** Answers beside 5xx after which the same request may yet be taken. */
const LATER = new Set([408, 425, 429]);

/**
 * Posts JSON and returns once it was taken (2xx).
 *
 * @throws RetryLater when the receiver is not there, too busy or has a fault of its own; RefusedError for any other answer.
 *   Neither names the URL: it may hold a secret.
 */
export async function postJson(
  receiver: HttpReceiver,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { name, url, timeout } = receiver;
  let status: number;
  let answer: string;
  let asked: string | null;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "ProofX", ...headers },
      body,
      // A body that is signed or holds a key goes to no other place.
      redirect: "manual",
      signal: AbortSignal.timeout(timeout),
    });
    status = response.status;
    asked = response.headers.get("retry-after");
    answer = await readSome(response);
  } catch (error) {
    const code = errorCode(error instanceof Error && error.cause !== undefined ? error.cause : error);
    throw new RetryLater(`${name} cannot be reached (${code})`);
  }
  if (status >= 200 && status < 300) return;
  const reason = `${name} answered ${status}${excerptOf(answer, receiver)}`;
  if (status < 500 && !LATER.has(status))
    throw new RefusedError(reason, {
      next: "see to the receiver's settings, then: npx proofx alerts dead-letters retry --all",
    });
  throw new RetryLater(reason, retryAfterOf(asked) ?? receiver.asked?.(parsed(answer)));
}

async function readSome(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > LONGEST_ANSWER) break;
  }
  return Buffer.concat(chunks).toString();
}

/** Seconds of a Retry-After header: a number, or a date. */
function retryAfterOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+(\.\d+)?$/.test(header.trim())) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}

function excerptOf(answer: string, { url, secrets = [] }: HttpReceiver): string {
  const line = oneLine(answer).trim();
  const bare = [url, ...secrets].reduce((text, secret) => text.replaceAll(secret, "(hidden)"), line);
  return bare === "" ? "" : `: ${bare.slice(0, EXCERPT)}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
