import type { Heads } from "../../chain/relay/reads.ts";
import type { FaultKind } from "../../chain/relay/rpc.ts";
import { RpcRefusal } from "../../chain/relay/rpc.ts";
import type { Finding } from "../alerts/index.ts";

/** What an endpoint may do before it is reported. */
export interface ConductLimits {
  /** Blocks behind the quorum. */
  readonly lag: number;
  /** Looks in a row with a lag, another newest block or no answer: forks of a block or two are the chain's own. */
  readonly patience: number;
  /** Milliseconds for which a lie counts. */
  readonly memory: number;
}

interface Conduct {
  lie: { readonly at: number; readonly what: string } | undefined;
  /** It denied the newest block since the last look. */
  apart: boolean;
  /** The newest block it says it has. */
  head: number | undefined;
  strikes: number;
  lies: number;
  trouble: string | undefined;
}

/** How each endpoint compares with what a quorum of them says. Endpoints are numbers, for URLs may hold keys. */
export class Endpoints {
  readonly #of: string;
  readonly #limits: ConductLimits;
  readonly #now: () => number;
  readonly #conduct: Conduct[];
  #tip = -1;
  #depth = 0;

  /** @param of What goes before their numbers: `aleo 2` is not `2` of the chain. */
  constructor(size: number, limits: ConductLimits, now: () => number, of = "") {
    this.#of = of;
    this.#limits = limits;
    this.#now = now;
    this.#conduct = Array.from({ length: size }, () => ({
      lie: undefined,
      apart: false,
      head: undefined,
      strikes: 0,
      lies: 0,
      trouble: undefined,
    }));
  }

  /** A quorum agreed on something else than this endpoint's answer. */
  outvoted(endpoint: number, method: string, params: readonly unknown[], said: unknown): void {
    const conduct = this.#conduct[endpoint];
    // What it does not have, or does not have yet, it did not lie about.
    if (conduct === undefined || said === null || said instanceof RpcRefusal) return;
    const block = blockAsked(method, params) ?? this.#tip;
    const { head } = conduct;
    if (head === undefined || block > head) return;
    if (block > this.#tip - this.#depth) {
      conduct.apart = true;
      return;
    }
    this.lied(endpoint, `${method} up to block ${block}`);
  }

  /** It said something that a quorum denies. @param of What about. */
  lied(endpoint: number, of: string): void {
    const conduct = this.#conduct[endpoint];
    if (conduct === undefined) return;
    conduct.lies += 1;
    conduct.lie = { at: this.#now(), what: `says of ${of} what the others deny` };
  }

  /** One look at the chain's end is done. @param depth Blocks on top of a final one. */
  looked(heads: Heads, tip: number, depth: number, faults: ReadonlyMap<number, FaultKind>): void {
    this.#tip = tip;
    this.#depth = depth;
    for (const [index, conduct] of this.#conduct.entries()) {
      conduct.head = heads.each[index];
      conduct.trouble = troubleOf(conduct, tip, faults.get(index), this.#limits.lag);
      conduct.strikes = conduct.trouble === undefined ? 0 : conduct.strikes + 1;
      conduct.apart = false;
    }
  }

  /** Blocks behind, by endpoint; undefined for one that does not answer. */
  lags(): readonly (number | undefined)[] {
    return this.#conduct.map(({ head }) => this.#lagOf(head));
  }

  /** Lies so far, by endpoint. */
  lies(): readonly number[] {
    return this.#conduct.map(({ lies }) => lies);
  }

  findings(): Finding[] {
    const { memory, patience } = this.#limits;
    return this.#conduct.map(({ lie, strikes, trouble, head }, index): Finding => {
      const subject = this.#of === "" ? String(index) : `${this.#of} ${index}`;
      const value = this.#lagOf(head) ?? -1;
      if (lie !== undefined && this.#now() - lie.at < memory)
        return { subject, breached: true, value, summary: `endpoint ${subject} ${lie.what}` };
      if (trouble !== undefined && strikes >= patience)
        return { subject, breached: true, value, summary: `endpoint ${subject} ${trouble}` };
      const known = this.#tip >= 0;
      return {
        subject,
        breached: known ? false : undefined,
        value,
        summary: known ? `endpoint ${subject} says what the others say` : "the chain was not looked at yet",
      };
    });
  }

  #lagOf(head: number | undefined): number | undefined {
    return head === undefined ? undefined : Math.max(0, this.#tip - head);
  }
}

function troubleOf(
  { apart, head }: Conduct,
  tip: number,
  fault: FaultKind | undefined,
  limit: number,
): string | undefined {
  if (head === undefined) return `does not answer (${fault ?? "no number"})`;
  if (head - tip > limit) return `says that there are ${head - tip} blocks more than the others have`;
  if (tip - head > limit) return `is ${tip - head} blocks behind, at most ${limit} are allowed`;
  return apart ? "has another newest block than the others" : undefined;
}

/** The last block that a call is about, where it names one. */
function blockAsked(method: string, params: readonly unknown[]): number | undefined {
  const [first] = params;
  if (method === "eth_getBlockByNumber") return numberOf(first);
  if (method !== "eth_getLogs" || typeof first !== "object" || first === null) return undefined;
  return numberOf(Reflect.get(first, "toBlock"));
}

function numberOf(tag: unknown): number | undefined {
  return typeof tag === "string" && tag.startsWith("0x") ? Number(tag) : undefined;
}
