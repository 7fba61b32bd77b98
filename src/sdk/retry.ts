import { UnavailableError } from "../core/errors.ts";

/** How long a client keeps trying. */
export interface RetryPolicy {
  /** Tries of one request, the first included; 1 is no retry. */
  readonly attempts: number;
  /** The first pause is up to this, each later one up to twice as much; milliseconds. */
  readonly firstPause: number;
  /** No pause of our own choice is longer; milliseconds. */
  readonly longestPause: number;
  /** A server that asks for a longer pause than this is not waited for; milliseconds. */
  readonly longestWait: number;
  /** One try may take this long; milliseconds. */
  readonly timeout: number;
}

export const RETRIES: RetryPolicy = {
  attempts: 8,
  firstPause: 200,
  longestPause: 20_000,
  longestWait: 60_000,
  timeout: 30_000,
};

/** A try that failed in a way that another may not. */
export class Transient extends Error {
  /** Milliseconds the server asked to wait; undefined when it did not. */
  readonly wait: number | undefined;

  constructor(message: string, wait?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "Transient";
    this.wait = wait;
  }
}

/**
 * Runs `attempt` until it does not fail with Transient, with growing random pauses between the tries.
 *
 * @param attempt Gets the number of the try, from 1. It must be harmless to repeat.
 * @throws UnavailableError after the last try, or when the server wants a longer pause than the policy allows; what
 *   `attempt` throws otherwise; the signal's reason when it is aborted.
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  attempt: (number: number) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let number = 1; ; number += 1) {
    signal?.throwIfAborted();
    try {
      return await attempt(number);
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      await backOff(policy, error, number, signal);
    }
  }
}

/**
 * Waits before the next try.
 *
 * @param number Of the try that failed, from 1.
 * @throws UnavailableError when there is to be no other; the signal's reason when it is aborted.
 */
export async function backOff(
  policy: RetryPolicy,
  error: Transient,
  number: number,
  signal?: AbortSignal,
): Promise<void> {
  if (number >= policy.attempts || (error.wait ?? 0) > policy.longestWait) throw unavailable(error, number);
  // On top of what the server asks of everybody alike.
  const wait = (error.wait ?? 0) + jitter(policy, number);
  await pause(wait, signal);
}

/** A random pause before the try after `number`: spread out, clients that failed together do not come back together. */
export function jitter({ firstPause, longestPause }: RetryPolicy, number: number): number {
  return Math.random() * Math.min(longestPause, firstPause * 2 ** (number - 1));
}

/** Milliseconds of a `Retry-After` header: seconds, or a date. */
export function retryAfter(header: string | null, now = Date.now()): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Resolves after some milliseconds; rejects with the signal's reason as soon as it is aborted. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

function unavailable(error: Transient, tries: number): UnavailableError {
  const asked = error.wait === undefined ? "" : `, which asks to wait ${Math.ceil(error.wait / 1000)} s`;
  return new UnavailableError(`${error.message}${asked} (tried ${tries} ${tries === 1 ? "time" : "times"})`, {
    next: "try again later; the very same event may be sent any number of times",
    cause: error.cause,
  });
}
