import type { IngestLimits } from "./ports.ts";
import { Refusal } from "./refusal.ts";

/** How long a tenant that was refused counts as waiting, ms: it comes again after a second. */
const COMES_AGAIN = 5_000;

/**
 * What is under way in this process, and whose it is. A tenant alone may have all the room. Once another one waits, none has more
 * than half of it, so whoever was refused finds room when it comes again.
 */
export class Room {
  readonly #limits: Pick<IngestLimits, "waitingEvents" | "waitingBytes">;
  readonly #now: () => number;
  #bytes = 0;
  readonly #tenants = new Map<string, { events: number; bytes: number }>();
  /** When a tenant was refused last, in the order of those times. */
  readonly #refused = new Map<string, number>();
  #events = 0;
  /** Who waits for the end of what is under way. */
  readonly #idle: (() => void)[] = [];

  constructor(limits: Pick<IngestLimits, "waitingEvents" | "waitingBytes">, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** @throws Refusal `overloaded` when the tenant's next event has to come later. */
  require(tenant: string): void {
    const { waitingEvents, waitingBytes } = this.#limits;
    if (this.#events < waitingEvents && this.#bytes < waitingBytes) {
      const own = this.#tenants.get(tenant);
      if (own === undefined || (own.events < waitingEvents / 2 && own.bytes < waitingBytes / 2)) return;
      if (!this.#othersWait(tenant)) return;
    }
    this.#refused.delete(tenant);
    this.#refused.set(tenant, this.#now());
    throw new Refusal("overloaded", "as many events are on their way as this process takes", {
      retryAfter: 1,
    });
  }

  /** An event is under way. @param tenant Whose; undefined for the log's own, which nobody waits for. */
  enter(tenant: string | undefined, bytes: number): void {
    this.#events += 1;
    this.#bytes += bytes;
    if (tenant === undefined) return;
    const { events, bytes: before } = this.#tenants.get(tenant) ?? { events: 0, bytes: 0 };
    this.#tenants.set(tenant, { events: events + 1, bytes: before + bytes });
  }

  /** What entered has its answer. */
  leave(tenant: string | undefined, bytes: number): void {
    this.#events -= 1;
    this.#bytes -= bytes;
    const own = tenant === undefined ? undefined : this.#tenants.get(tenant);
    if (tenant !== undefined && own !== undefined) {
      if (own.events === 1) this.#tenants.delete(tenant);
      else this.#tenants.set(tenant, { events: own.events - 1, bytes: own.bytes - bytes });
    }
    if (this.#events === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Resolves once nothing is under way. */
  async empty(): Promise<void> {
    if (this.#events > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #othersWait(tenant: string): boolean {
    const since = this.#now() - COMES_AGAIN;
    for (const [each, time] of this.#refused) {
      if (time >= since) break;
      this.#refused.delete(each);
    }
    return [this.#tenants, this.#refused].some((map) => map.size > (map.has(tenant) ? 1 : 0));
  }
}
