import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "../../core/errors.ts";
import { type Endpoint, type FaultKind, quantity, RpcFault, RpcRefusal } from "./rpc.ts";

/** Which chain every endpoint has to serve. */
export interface Identity {
  readonly chainId: bigint;
  readonly genesisHash: string;
}

export interface PoolEvents {
  /** A node failed, refused a check or told something that others deny. */
  fault(endpoint: number | undefined, kind: FaultKind): void;
  /** A quorum agreed on an answer, and this node gave another: `said` is that, or its refusal. */
  outvoted?(endpoint: number, method: string, params: readonly unknown[], said: unknown): void;
}

/** One endpoint's answer. */
export interface Answer<T> {
  readonly endpoint: number;
  readonly value: T;
}

/** A failed endpoint is asked last for this long. */
const COOL_DOWN_MS = 10_000;

/**
 * Several nodes of one chain. What is only a hint is asked of one (`first`); what decides is asked of all, and counts
 * when a quorum says the same (`agree`).
 *
 * A node is asked which chain it serves before anything else, and again after each failure: behind an URL there may be
 * another node, or another chain, than a minute ago.
 */
export class RpcPool {
  readonly #endpoints: readonly Endpoint[];
  readonly #identity: Identity;
  readonly #events: PoolEvents;
  readonly quorum: number;
  readonly #identified = new Map<number, Promise<void>>();
  readonly #failedAt = new Map<number, number>();
  readonly #faults = new Map<number, FaultKind>();

  constructor(endpoints: readonly Endpoint[], quorum: number, identity: Identity, events: PoolEvents) {
    this.#endpoints = endpoints;
    this.quorum = quorum;
    this.#identity = identity;
    this.#events = events;
  }

  get size(): number {
    return this.#endpoints.length;
  }

  /** Endpoints whose last call failed, and how. */
  get faults(): ReadonlyMap<number, FaultKind> {
    return this.#faults;
  }

  /**
   * Asks every endpoint which chain it serves. One that serves another is reported and left out while enough others remain: one
   * node must not be able to stop a service from starting.
   *
   * @throws InputError when fewer than a quorum can be of the chain. One that does not answer is no error: it is asked again later.
   */
  async identify(): Promise<void> {
    const wrong: { index: number; message: string }[] = [];
    const asked = this.#endpoints.map((endpoint, place) =>
      this.#identifyOnce(endpoint).catch((error: unknown) => {
        if (!(error instanceof RpcFault) || error.kind !== "wrong-chain") return;
        this.#failed(endpoint, error);
        wrong.push({ index: place, message: error.message });
      }),
    );
    await Promise.all(asked);
    const [first] = wrong.sort((a, b) => a.index - b.index);
    if (first === undefined || this.size - wrong.length >= this.quorum) return;
    throw new InputError(first.message, {
      next: `check URL number ${wrong.map(({ index }) => index + 1).join(", ")} of the RPC URLs, and the deployment file`,
    });
  }

  /** The first usable answer, endpoints that failed lately last. A refusal is an answer and is thrown. */
  async first<T>(method: string, params: readonly unknown[], parse: (value: unknown) => T): Promise<T> {
    let last: unknown = new RpcFault("transport", "there is no RPC endpoint");
    for (const endpoint of this.#byHealth()) {
      try {
        return await this.#ask(endpoint, method, params, parse);
      } catch (error) {
        if (!(error instanceof RpcFault)) throw error;
        last = error;
      }
    }
    throw last;
  }

  /**
   * What a quorum of endpoints says alike; a refusal counts as an answer, told apart by its data.
   *
   * @throws RpcFault while too few answer or they disagree; RpcRefusal when a quorum refuses alike.
   */
  async agree<T>(method: string, params: readonly unknown[], parse: (value: unknown) => T): Promise<T> {
    const outcomes = new Map<string, { count: number; outcome: Outcome<T> }>();
    const given = this.#endpoints.map((endpoint) => this.#outcome(endpoint, method, params, parse));
    const asked = given.map(async (each) => {
      const outcome = await each;
      const seen = outcomes.get(outcome.key);
      outcomes.set(outcome.key, { count: (seen?.count ?? 0) + 1, outcome });
      return (seen?.count ?? 0) + 1 >= this.quorum ? outcome : Promise.reject(outcome);
    });
    const agreed = await Promise.any(asked).catch(() => undefined);
    if (agreed !== undefined) {
      this.#tellOutvoted(method, params, agreed, given);
      if ("refusal" in agreed) throw agreed.refusal;
      return agreed.value;
    }
    if (outcomes.size > 1) this.#events.fault(undefined, "disagreement");
    throw new RpcFault(
      outcomes.size > 1 ? "disagreement" : "transport",
      outcomes.size > 1
        ? `RPC endpoints disagree on ${method}`
        : `${method}: ${this.quorum} RPC endpoints must answer alike, and too few answered`,
    );
  }

  /** Nobody waits for those that answer late, but what they say is compared all the same. */
  #tellOutvoted<T>(
    method: string,
    params: readonly unknown[],
    agreed: Outcome<T>,
    given: readonly Promise<Outcome<T>>[],
  ): void {
    const events = this.#events;
    if (events.outvoted === undefined) return;
    for (const [index, each] of given.entries()) {
      each.then(
        (outcome) => {
          if (outcome.key === agreed.key) return;
          events.outvoted?.(index, method, params, "refusal" in outcome ? outcome.refusal : outcome.value);
        },
        () => undefined,
      );
    }
  }

  /**
   * Every answer there is; endpoints that fail or refuse are left out.
   *
   * @param grace Milliseconds for the others once a quorum has answered; without it all are waited for.
   */
  async collect<T>(
    method: string,
    params: readonly unknown[],
    parse: (value: unknown) => T,
    grace?: number,
  ): Promise<Answer<T>[]> {
    const answers: Answer<T>[] = [];
    const enough = Promise.withResolvers<void>();
    const asked = this.#endpoints.map(async (endpoint) => {
      try {
        answers.push({ endpoint: endpoint.index, value: await this.#ask(endpoint, method, params, parse) });
        if (answers.length >= this.quorum) enough.resolve();
      } catch (error) {
        if (!(error instanceof RpcFault || error instanceof RpcRefusal)) throw error;
      }
    });
    const all = Promise.all(asked);
    if (grace === undefined) await all;
    else await Promise.race([all, enough.promise.then(() => sleep(grace, undefined, { ref: false }))]);
    return [...answers].sort((a, b) => a.endpoint - b.endpoint);
  }

  /** Asks all, and gives each one's answer, refusal or fault. */
  async each<T>(
    method: string,
    params: readonly unknown[],
    parse: (value: unknown) => T,
  ): Promise<{ endpoint: number; result: T | RpcRefusal | RpcFault }[]> {
    return Promise.all(
      this.#endpoints.map(async (endpoint) => ({
        endpoint: endpoint.index,
        result: await this.#ask(endpoint, method, params, parse).catch(
          (error: unknown): RpcRefusal | RpcFault => {
            if (error instanceof RpcFault || error instanceof RpcRefusal) return error;
            throw error;
          },
        ),
      })),
    );
  }

  async #outcome<T>(
    endpoint: Endpoint,
    method: string,
    params: readonly unknown[],
    parse: (value: unknown) => T,
  ): Promise<Outcome<T>> {
    try {
      const value = await this.#ask(endpoint, method, params, parse);
      return { key: `value ${stable(value)}`, value };
    } catch (error) {
      if (!(error instanceof RpcRefusal)) throw error;
      return { key: `refusal ${stable(error.data ?? error.code)}`, refusal: error };
    }
  }

  async #ask<T>(
    endpoint: Endpoint,
    method: string,
    params: readonly unknown[],
    parse: (value: unknown) => T,
  ): Promise<T> {
    try {
      await this.#identifyOnce(endpoint);
      const value = parse(await endpoint.call(method, params));
      this.#faults.delete(endpoint.index);
      this.#failedAt.delete(endpoint.index);
      return value;
    } catch (error) {
      if (error instanceof RpcFault) this.#failed(endpoint, error);
      throw error;
    }
  }

  #failed(endpoint: Endpoint, fault: RpcFault): void {
    this.#identified.delete(endpoint.index);
    this.#failedAt.set(endpoint.index, Date.now());
    this.#faults.set(endpoint.index, fault.kind);
    this.#events.fault(endpoint.index, fault.kind);
  }

  #identifyOnce(endpoint: Endpoint): Promise<void> {
    const known = this.#identified.get(endpoint.index) ?? this.#identifyNow(endpoint);
    this.#identified.set(endpoint.index, known);
    return known;
  }

  async #identifyNow(endpoint: Endpoint): Promise<void> {
    const [chainId, genesis] = await Promise.all([
      endpoint.call("eth_chainId", []),
      endpoint.call("eth_getBlockByNumber", ["0x0", false]),
    ]).catch((error: unknown) => {
      this.#identified.delete(endpoint.index);
      if (error instanceof RpcRefusal) {
        throw new RpcFault("malformed", `RPC endpoint ${endpoint.index} does not tell which chain it serves`);
      }
      throw error;
    });
    const hash = (genesis as { hash?: unknown } | null)?.hash;
    if (quantity(chainId, "chain id") !== this.#identity.chainId || hash !== this.#identity.genesisHash) {
      this.#identified.delete(endpoint.index);
      throw new RpcFault(
        "wrong-chain",
        `RPC endpoint ${endpoint.index} serves another chain than the deployment's, which has chain id ` +
          `${this.#identity.chainId} and genesis ${this.#identity.genesisHash}`,
      );
    }
  }

  #byHealth(): Endpoint[] {
    const now = Date.now();
    const failing = ({ index }: Endpoint) => now - (this.#failedAt.get(index) ?? 0) < COOL_DOWN_MS;
    return [...this.#endpoints].sort((a, b) => Number(failing(a)) - Number(failing(b)));
  }
}

type Outcome<T> = { key: string } & ({ value: T } | { refusal: RpcRefusal });

function stable(value: unknown): string {
  return JSON.stringify(value, (_key, inner) => (typeof inner === "bigint" ? `${inner}n` : inner)) ?? "";
}
