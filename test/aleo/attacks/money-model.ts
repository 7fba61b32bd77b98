/** What somebody does to the registry; agents and tickets by number, amounts in microcredits. */
export type Move =
  | { readonly kind: "register"; readonly agent: number; readonly amount: bigint }
  | { readonly kind: "increase"; readonly agent: number; readonly amount: bigint }
  | { readonly kind: "request"; readonly agent: number; readonly amount: bigint }
  | { readonly kind: "claim"; readonly ticket: number }
  | { readonly kind: "process"; readonly tickets: readonly number[] }
  | { readonly kind: "propose"; readonly agent: number; readonly amount: bigint }
  | { readonly kind: "slash"; readonly agent: number }
  | { readonly kind: "slash waiting"; readonly agent: number; readonly ticket: number }
  | { readonly kind: "empty the pot"; readonly amount: bigint }
  | { readonly kind: "wait" };

export interface Ticket {
  readonly agent: number;
  amount: bigint;
  readonly readyAt: number;
}

interface Slash {
  readonly id: number;
  amount: bigint;
  readonly readyAt: number;
  readonly until: number;
}

const MIN = 1000n;
const MAX = 1_000_000_000n;

/**
 * The registry's money, told once more and simply: who may have what at which height. No roles and no proofs; it decides
 * whether the ledger must accept a move, and what every stake, ticket and total is afterwards.
 */
export class MoneyModel {
  readonly stakes = new Map<number, bigint>();
  readonly tickets = new Map<number, Ticket>();
  /** The open slash of an agent; one whose time has passed stays until the next. */
  readonly slashes = new Map<number, Slash>();
  pot = 0n;
  #tickets = 0;
  #slashes = 0;

  get staked(): bigint {
    return sum(this.stakes.values());
  }

  get waiting(): bigint {
    return sum([...this.tickets.values()].map(({ amount }) => amount));
  }

  /** Number of the next ticket, and of the next slash. */
  get next(): { ticket: number; slash: number } {
    return { ticket: this.#tickets, slash: this.#slashes };
  }

  /** Carries a move out at a height. @returns whether the ledger must accept it; a refused move changes nothing. */
  accepts(move: Move, height: number): boolean {
    switch (move.kind) {
      case "register":
        if (this.stakes.has(move.agent)) return false;
        this.stakes.set(move.agent, move.amount);
        return true;
      case "increase":
        return this.#increase(move.agent, move.amount, height);
      case "request":
        return this.#request(move.agent, move.amount, height);
      case "claim":
        return this.#pay([move.ticket], height);
      case "process":
        return this.#pay(move.tickets, height);
      case "propose":
        return this.#propose(move.agent, move.amount, height);
      case "slash":
        return this.#slash(move.agent, height);
      case "slash waiting":
        return this.#slashWaiting(move.agent, move.ticket, height);
      case "empty the pot":
        if (move.amount > this.pot) return false;
        this.pot -= move.amount;
        return true;
      case "wait":
        return true;
    }
  }

  #increase(agent: number, amount: bigint, height: number): boolean {
    const stake = this.stakes.get(agent);
    if (stake === undefined || this.#isFrozen(agent, height)) return false;
    if (stake + amount < MIN || stake + amount > MAX) return false;
    this.stakes.set(agent, stake + amount);
    return true;
  }

  #request(agent: number, amount: bigint, height: number): boolean {
    const stake = this.stakes.get(agent);
    if (stake === undefined || this.#isFrozen(agent, height)) return false;
    const left = stake - amount;
    if (left < 0n || (left !== 0n && left < MIN)) return false;
    this.stakes.set(agent, left);
    this.tickets.set(this.#tickets, { agent, amount, readyAt: height + 20 });
    this.#tickets += 1;
    return true;
  }

  #pay(numbers: readonly number[], height: number): boolean {
    const payable = numbers.every((number) => {
      const ticket = this.tickets.get(number);
      return ticket !== undefined && height >= ticket.readyAt && !this.#isFrozen(ticket.agent, height);
    });
    if (!payable || new Set(numbers).size < numbers.length) return false;
    for (const number of numbers) this.tickets.delete(number);
    return true;
  }

  #propose(agent: number, amount: bigint, height: number): boolean {
    const stake = this.stakes.get(agent);
    if (stake === undefined || this.#isFrozen(agent, height)) return false;
    const waiting = sum(
      [...this.tickets.values()].filter((each) => each.agent === agent).map((each) => each.amount),
    );
    const held = stake + waiting;
    if (held === 0n) return false;
    const id = this.#slashes;
    this.#slashes += 1;
    const readyAt = height + 10;
    this.slashes.set(agent, { id, amount: smaller(amount, held), readyAt, until: readyAt + 40 });
    return true;
  }

  #slash(agent: number, height: number): boolean {
    const slash = this.#executable(agent, height);
    const stake = this.stakes.get(agent) ?? 0n;
    if (slash === undefined || stake === 0n) return false;
    const taken = smaller(stake, slash.amount);
    this.stakes.set(agent, stake - taken);
    this.#collect(agent, slash, taken);
    return true;
  }

  #slashWaiting(agent: number, number: number, height: number): boolean {
    const slash = this.#executable(agent, height);
    const ticket = this.tickets.get(number);
    if (slash === undefined || ticket?.agent !== agent || this.stakes.get(agent) !== 0n) return false;
    const taken = smaller(ticket.amount, slash.amount);
    ticket.amount -= taken;
    if (ticket.amount === 0n) this.tickets.delete(number);
    this.#collect(agent, slash, taken);
    return true;
  }

  #collect(agent: number, slash: Slash, taken: bigint): void {
    this.pot += taken;
    slash.amount -= taken;
    if (slash.amount === 0n) this.slashes.delete(agent);
  }

  #executable(agent: number, height: number): Slash | undefined {
    const slash = this.slashes.get(agent);
    return slash !== undefined && height >= slash.readyAt && height <= slash.until ? slash : undefined;
  }

  #isFrozen(agent: number, height: number): boolean {
    return (this.slashes.get(agent)?.until ?? -1) >= height;
  }
}

function sum(values: Iterable<bigint>): bigint {
  return [...values].reduce((total, value) => total + value, 0n);
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
