import { CheckError, InputError, RefusedError, UnavailableError } from "../core/errors.ts";
import type { AleoAccount } from "./account.ts";
import { transitionsOf } from "./block.ts";
import { type BuiltTransaction, buildDeployment, buildExecution } from "./build.ts";
import { explainRejection } from "./explain.ts";
import { type AleoLedger, type Confirmation, openLedger, type WaitOptions } from "./ledger.ts";
import { PARAMETER_SERVER, type ParameterSettings, type Parameters, parametersFor } from "./proving.ts";

/** What a transaction may cost, in microcredits. */
export interface FeeLimits {
  /** Nothing is sent that costs more, priority fee included. Without it only the balance limits. */
  readonly maximum?: bigint;
  /** On top of the base fee; 0 by default. */
  readonly priority?: bigint;
}

export interface AleoOptions {
  readonly ledger: AleoLedger | string;
  readonly account: AleoAccount;
  readonly fee?: FeeLimits;
  /** Where proofs get their parameter files from; by default their folder, and Aleo's server for what is not there. */
  readonly parameters?: ParameterSettings;
}

export interface SendOptions extends WaitOptions {
  /** Instead of the client's. */
  readonly fee?: FeeLimits;
  /**
   * Gets the finished transaction before it is sent; whoever must survive a crash writes it down here, and sends this same
   * one again (`AleoClient.resend`). What it throws stops the sending.
   */
  readonly beforeSend?: (transaction: BuiltTransaction) => void | Promise<void>;
}

/** A transaction in a block, with what it cost in microcredits. */
export interface Sent extends Confirmation {
  readonly fee: bigint;
}

/** The ledger took a transaction's fee and refused what it does. */
export class RejectedTransaction extends CheckError {
  readonly confirmation: Confirmation;

  constructor(what: string, confirmation: Confirmation, reason: string | undefined) {
    const why = reason === undefined ? "; a ledger gives no reason" : `: ${reason}`;
    super(`${what} was rejected in block ${confirmation.height}, and its fee is spent${why}`, {
      next: "look at the state it met: the program's mappings, pauses and waiting times",
    });
    this.confirmation = confirmation;
  }
}

/** Opens a ledger for an account that pays for what it sends. Asks nothing yet. */
export function openAleo({ ledger, account, fee, parameters }: AleoOptions): AleoClient {
  const files = parametersFor(parameters ?? { server: PARAMETER_SERVER });
  return new AleoClient(typeof ledger === "string" ? openLedger(ledger) : ledger, account, fee ?? {}, files);
}

/** Sends one account's transactions and reads mappings. */
export class AleoClient {
  readonly ledger: AleoLedger;
  readonly account: AleoAccount;
  readonly #fee: FeeLimits;
  readonly #parameters: Parameters;

  constructor(ledger: AleoLedger, account: AleoAccount, fee: FeeLimits, parameters: Parameters) {
    this.ledger = ledger;
    this.account = account;
    this.#fee = fee;
    this.#parameters = parameters;
  }

  get address(): string {
    return this.account.address;
  }

  /**
   * Deploys a program, or upgrades the one of its name.
   *
   * @param source The program in Aleo instructions. @throws as `execute`.
   */
  async deploy(source: string, options: SendOptions = {}): Promise<Sent> {
    const priority = this.#priority(options);
    const built = await buildDeployment(this.ledger, this.account, source, priority, this.#parameters);
    return this.#send(`the deployment of ${built.what}`, built, options);
  }

  /**
   * Executes a function of a deployed program and waits until it is in a block.
   *
   * @param inputs Leo texts, e.g. `1field`. @throws InputError for inputs that do not fit; CheckError when the function itself
   *   refuses them, before anything is sent; RefusedError for a fee above the limit or the balance, or when the ledger takes it
   *   in no form; RejectedTransaction; UnavailableError when nothing answers, or proofs cannot be made here.
   */
  async execute(
    program: string,
    name: string,
    inputs: readonly string[],
    options: SendOptions = {},
  ): Promise<Sent> {
    const built = await this.build(program, name, inputs, options);
    return this.#send(built.what, built, options);
  }

  /** A finished transaction that is sent by nobody yet. Throws as `execute` does before it sends. */
  async build(
    program: string,
    name: string,
    inputs: readonly string[],
    options: Pick<SendOptions, "fee"> = {},
  ): Promise<BuiltTransaction> {
    const call = { program, name, inputs };
    return buildExecution(this.ledger, this.account, call, this.#priority(options), this.#parameters);
  }

  /**
   * Sends a transaction that was built before, whether or not it arrived then, and waits for it. Nothing is paid twice.
   *
   * @throws as `execute`.
   */
  async resend(built: BuiltTransaction, options: SendOptions = {}): Promise<Sent> {
    return this.#send(built.what, built, options);
  }

  /** Leo text of a mapping's value; undefined when the key has none. */
  mapping(program: string, mapping: string, key: string): Promise<string | undefined> {
    return this.ledger.mapping(program, mapping, key);
  }

  /** Public credits of the account, in microcredits. */
  balance(): Promise<bigint> {
    return this.ledger.balance(this.address);
  }

  async #send(what: string, built: BuiltTransaction, options: SendOptions): Promise<Sent> {
    const known = await this.ledger.confirmation(built.id);
    if (known === undefined) {
      await this.#requireAffordable(what, built.fee, options);
      await options.beforeSend?.(built);
      await this.ledger.broadcast(built.text);
    }
    const confirmation = known ?? (await this.ledger.waitConfirmed(built.id, options));
    if (confirmation.status === "rejected") {
      // Only to explain: a node that is gone by now must not hide that the transaction was rejected.
      const reason = await explainRejection(this.ledger, confirmation).catch(() => undefined);
      throw new RejectedTransaction(what, confirmation, reason);
    }
    return { ...confirmation, fee: built.fee };
  }

  async #requireAffordable(what: string, fee: bigint, { fee: own }: SendOptions): Promise<void> {
    const { maximum } = own ?? this.#fee;
    if (maximum !== undefined && fee > maximum) {
      throw new RefusedError(
        `${what} costs ${credits(fee)}, and at most ${credits(maximum)} was allowed; nothing was sent`,
        {
          next: `allow more with --max-fee ${fee} (microcredits), or wait`,
        },
      );
    }
    const balance = await this.balance();
    if (balance >= fee) return;
    throw new UnavailableError(
      `${what} costs ${credits(fee)}, and ${this.address} has ${credits(balance)}; nothing was sent`,
      { next: "send credits to that address; on a development ledger: npx hardhat aleo faucet" },
    );
  }

  #priority({ fee }: Pick<SendOptions, "fee">): bigint {
    const priority = (fee ?? this.#fee).priority ?? 0n;
    if (priority >= 0n && priority <= 1_000_000_000n) return priority;
    throw InputError.expected("priority fee", "0 to 1000000000 microcredits (1,000 credits)", priority);
  }
}

/** Program and function of a rejected or accepted transaction's first call. */
export function calledBy({ transaction }: Confirmation): { program: string; name: string } | undefined {
  const last = transitionsOf(transaction).at(-1);
  return last === undefined ? undefined : { program: last.program, name: last.function };
}

/** `1.234567 credits`. */
export function credits(microcredits: bigint): string {
  const whole = microcredits / 1_000_000n;
  const rest = (microcredits % 1_000_000n).toString().padStart(6, "0").replace(/0+$/, "");
  return `${whole}${rest === "" ? "" : `.${rest}`} credits`;
}
