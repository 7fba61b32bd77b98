import { createHmac, randomBytes } from "node:crypto";
import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { addressBucket, ONE_HOST } from "./address.ts";
import type { Caller } from "./credential.ts";

/** Requests that share a rate. */
export const RATE_GROUPS = ["events_ingest", "events_read", "commitments"] as const;
export type RateGroup = (typeof RATE_GROUPS)[number];

/** Requests a second, and how many may come at once. */
export interface Rate {
  readonly rate: number;
  readonly burst: number;
}

export interface RateLimitSettings {
  readonly rates: Readonly<Record<RateGroup, Rate>>;
  /** How many times a credential's rate all of a tenant's credentials have together. */
  readonly tenant_times: number;
}

/** What a burst took comes back over this many times the seconds that the rate would need for it. */
const SLOW_REFILL = 10;

/**
 * How often a credential may ask, in this process: several processes grant that much each. Memory is that of credentials that asked
 * within the last burst's time.
 */
export class RateLimits {
  readonly #limiters: Readonly<
    Record<RateGroup, readonly [tenant: BurstyRateLimiter, own: BurstyRateLimiter]>
  >;

  constructor({ rates, tenant_times: times }: RateLimitSettings) {
    const pair = ({ rate, burst }: Rate): readonly [BurstyRateLimiter, BurstyRateLimiter] => [
      bursty({ rate: rate * times, burst: burst * times }),
      bursty({ rate, burst }),
    ];
    this.#limiters = {
      events_ingest: pair(rates.events_ingest),
      events_read: pair(rates.events_read),
      commitments: pair(rates.commitments),
    };
  }

  /** Counts a request. @returns undefined when it may go on, else whole seconds until another may. */
  async take({ tenant, credentialId }: Caller, group: RateGroup): Promise<number | undefined> {
    // The tenant first: who makes tokens of ever new agents meets this limit, and memory with it.
    const [ofTenant, own] = this.#limiters[group];
    return (await consume(ofTenant, tenant)) ?? (await consume(own, credentialId));
  }
}

/** A steady rate, and a reserve beside it that fills up slowly: in the long run at most a tenth over the rate. */
function bursty({ rate, burst }: Rate): BurstyRateLimiter {
  const reserve = Math.max(0, burst - rate);
  const duration = Math.max(1, Math.ceil((SLOW_REFILL * reserve) / rate));
  return new BurstyRateLimiter(
    new RateLimiterMemory({ points: rate, duration: 1 }),
    new RateLimiterMemory({ points: reserve, duration }),
  );
}

async function consume(limiter: BurstyRateLimiter, key: string): Promise<number | undefined> {
  try {
    await limiter.consume(key);
    return undefined;
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return wholeSeconds(refused.msBeforeNext);
    throw refused;
  }
}

/** Slots that addresses are counted in; more strangers than that share some, so memory has an end. */
const SLOTS = 16_384;

/** How often an address may show a credential that is none. */
export class FailureLimit {
  readonly #failures: RateLimiterMemory;
  readonly #perMinute: number;
  /** Nobody can choose an address that falls into another's slot. */
  readonly #secret = randomBytes(32);

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
    this.#failures = new RateLimiterMemory({ points: perMinute, duration: 60 });
  }

  /** Whole seconds that an address has to wait; undefined when it need not. */
  async wait(address: string): Promise<number | undefined> {
    const counted = await this.#failures.get(this.#slot(address));
    if (counted === null || counted.consumedPoints < this.#perMinute || counted.msBeforeNext <= 0)
      return undefined;
    return wholeSeconds(counted.msBeforeNext);
  }

  async failed(address: string): Promise<void> {
    await this.#failures.penalty(this.#slot(address));
  }

  #slot(address: string): string {
    const mac = createHmac("sha256", this.#secret).update(addressBucket(address, ONE_HOST)).digest();
    return String(mac.readUInt32BE() % SLOTS);
  }
}

const wholeSeconds = (milliseconds: number): number => Math.max(1, Math.ceil(milliseconds / 1000));
