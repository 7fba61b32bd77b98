import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { CheckError, InputError, RefusedError, UnavailableError } from "../core/errors.ts";
import {
  type Block,
  blockSchema,
  type ConfirmedTransaction,
  confirmedSchema,
  type Transaction,
  transactionSchema,
} from "./block.ts";
import { DEVELOPMENT_KEYS } from "./development-keys.ts";
import { type LedgerAddress, parseLedgerUrl, REST_POLICY, Rest, type RestPolicy } from "./rest.ts";

/** Blocks of one request; nodes refuse more. */
const BLOCKS_A_REQUEST = 50;
const ADDRESS = /^aleo1[02-9ac-hj-np-z]{58}$/;
const TRANSACTION = /^at1[02-9ac-hj-np-z]{58}$/;
const PROGRAM = /^[a-z][a-z0-9_]{0,30}\.aleo$/i;
const NAME = /^[a-z][a-z0-9_]{0,30}$/i;

/** A transaction that is in a block. */
export interface Confirmation {
  readonly id: string;
  /** A rejected one took its fee and changed nothing else. */
  readonly status: "accepted" | "rejected";
  readonly height: number;
  readonly transaction: ConfirmedTransaction;
}

export interface WaitOptions {
  /** Milliseconds; five minutes by default. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** Opens a ledger's REST interface. Asks nothing until it is asked. @throws InputError unless the text is a ledger's URL. */
export function openLedger(url: string, policy: Partial<RestPolicy> = {}): AleoLedger {
  return new AleoLedger(new Rest(parseLedgerUrl(url), { ...REST_POLICY, ...policy }));
}

/**
 * A ledger as its nodes show it over REST.
 *
 * Every method throws UnavailableError when no node answers, and CheckError when an answer is not what its kind should be.
 */
export class AleoLedger {
  readonly #rest: Rest;
  #devnode: Promise<boolean> | undefined;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  get address(): LedgerAddress {
    return this.#rest.address;
  }

  /** Address for people and settings: `http://127.0.0.1:3030/testnet`. */
  get url(): string {
    return `${this.address.host}/${this.address.network}`;
  }

  /** Height of the latest block. */
  async height(): Promise<number> {
    return this.#read(z.number().int().nonnegative(), "block/height/latest");
  }

  async latestBlock(): Promise<Block> {
    return this.#read(blockSchema, "block/latest");
  }

  /** @returns undefined above the latest block. */
  async block(height: number): Promise<Block | undefined> {
    requireHeight(height);
    return this.#find(blockSchema, `block/${height}`);
  }

  /** Blocks in order, both ends included. @throws UnavailableError when one is missing. */
  async *blocks(first: number, last: number): AsyncGenerator<Block> {
    requireHeight(first);
    requireHeight(last);
    for (let start = first; start <= last; start += BLOCKS_A_REQUEST) {
      const end = Math.min(start + BLOCKS_A_REQUEST, last + 1);
      const part = await this.#find(z.array(blockSchema), `blocks?start=${start}&end=${end}`);
      if (part === undefined || part.length !== end - start) {
        throw new UnavailableError(`the Aleo ledger does not have the blocks ${start} to ${end - 1}`, {
          next: "wait until its node has caught up, or ask another node",
        });
      }
      yield* part;
    }
  }

  /** Source of a deployed program in Aleo instructions; undefined when there is none of that name. */
  async program(id: string): Promise<string | undefined> {
    return this.#find(z.string(), `program/${requireProgram(id)}`);
  }

  /** How often a program was upgraded; undefined when there is none of that name. */
  async edition(id: string): Promise<number | undefined> {
    return this.#find(z.number().int().nonnegative(), `program/${requireProgram(id)}/latest_edition`);
  }

  async mappings(id: string): Promise<string[]> {
    return (await this.#find(z.array(z.string()), `program/${requireProgram(id)}/mappings`)) ?? [];
  }

  /** Leo text of a mapping's value; undefined when the key has none. A mapping that does not exist has no values either. */
  async mapping(program: string, mapping: string, key: string): Promise<string | undefined> {
    const path = `program/${requireProgram(program)}/mapping/${requireName("mapping", mapping)}`;
    const value = await this.#find(z.string().nullable(), `${path}/${encodeURIComponent(key)}`);
    return value ?? undefined;
  }

  /** All keys and values of a mapping, as Leo texts. @throws RefusedError where the node does not offer it: only development ledgers do. */
  async entries(program: string, mapping: string): Promise<[string, string][]> {
    const path = `program/${requireProgram(program)}/mapping/${requireName("mapping", mapping)}?all=true`;
    const found = await this.#find(z.array(z.tuple([z.string(), z.string()])), path);
    if (found !== undefined) return found;
    throw new RefusedError(`${this.url} does not list all values of a mapping`, {
      next: "read the blocks instead: npx hardhat aleo state reconstruct",
    });
  }

  /** Public credits of an account, in microcredits. */
  async balance(address: string): Promise<bigint> {
    const text = await this.mapping("credits.aleo", "account", requireAddress(address));
    if (text === undefined) return 0n;
    const [, digits] = /^(\d+)u64$/.exec(text) ?? [];
    if (digits === undefined) throw new CheckError(`the Aleo ledger answered with a balance that is none`);
    return BigInt(digits);
  }

  /** A transaction in a block, as the block has it: of a rejected one only its fee is left. Undefined when it is in none. */
  async transaction(id: string): Promise<Transaction | undefined> {
    return this.#find(transactionSchema, `transaction/${requireTransaction(id)}`);
  }

  /** A transaction that is in a block, under the id it was sent with; undefined while it is in none. */
  async confirmation(id: string): Promise<Confirmation | undefined> {
    const transaction = await this.#find(confirmedSchema, `transaction/confirmed/${requireTransaction(id)}`);
    if (transaction === undefined) return undefined;
    return { id, status: transaction.status, height: await this.#heightOf(id), transaction };
  }

  /** Id of the transaction that deployed a program. */
  async deploymentOf(program: string): Promise<string | undefined> {
    const path = `find/transactionID/deployment/${requireProgram(program)}`;
    return (await this.#find(z.string().nullable(), path)) ?? undefined;
  }

  async stateRoot(): Promise<string> {
    return this.#read(z.string(), "stateRoot/latest");
  }

  /**
   * Sends a transaction. The same one may be sent any number of times: a ledger takes each id once.
   *
   * @param text The transaction as JSON. @returns whether it was new to the ledger.
   * @throws RefusedError with the node's words when it will never be taken; UnavailableError when it is not known whether it arrived.
   */
  async broadcast(text: string): Promise<boolean> {
    try {
      await this.#rest.post("transaction/broadcast", text);
      return true;
    } catch (error) {
      if (error instanceof RefusedError && /already exists/i.test(error.message)) return false;
      throw error;
    }
  }

  /**
   * Waits until a transaction is in a block.
   *
   * @throws UnavailableError when it is in none in time; it may still get into one, so nothing else must be sent in its place.
   */
  async waitConfirmed(id: string, { timeout = 300_000, signal }: WaitOptions = {}): Promise<Confirmation> {
    const deadline = Date.now() + timeout;
    for (let wait = 100; ; wait = Math.min(wait * 2, 3000)) {
      signal?.throwIfAborted();
      const confirmation = await this.confirmation(id);
      if (confirmation !== undefined) return confirmation;
      if (Date.now() >= deadline) {
        throw new UnavailableError(`transaction ${id} is in no block after ${Math.round(timeout / 1000)} s`, {
          next: "look again later before anything is sent in its place; it may still be taken",
        });
      }
      await pause(Math.min(wait, Math.max(1, deadline - Date.now())), undefined, { signal });
    }
  }

  /** Whether this is a development ledger, which takes transactions without proofs. Asked once. */
  isDevnode(): Promise<boolean> {
    // Real nodes have no snapshots to offer and answer 404.
    this.#devnode ??= this.#rest.get("snapshots").then(
      (answer) => answer !== undefined,
      (error: unknown) => {
        // In memory it refuses, but it knows what it is asked for.
        if (error instanceof RefusedError) return /persistent storage/i.test(error.message);
        this.#devnode = undefined;
        throw error;
      },
    );
    return this.#devnode;
  }

  /** Makes blocks on a development ledger; its answer comes when all are made. */
  async createBlocks(blocks: number): Promise<void> {
    const body = JSON.stringify({ private_key: DEVELOPMENT_KEYS[0], num_blocks: blocks });
    await this.#rest.post("block/create", body);
  }

  async #heightOf(id: string): Promise<number> {
    const hash = await this.#read(z.string(), `find/blockHash/${id}`);
    const block = await this.#find(z.number().int().nonnegative(), `height/${hash}`);
    if (block !== undefined) return block;
    throw new CheckError(`the Aleo ledger does not know the height of block ${hash}, which it named itself`);
  }

  async #read<T>(schema: z.ZodType<T>, path: string): Promise<T> {
    const found = await this.#find(schema, path);
    if (found !== undefined) return found;
    throw new UnavailableError(`${this.url} has no ${path}`, {
      next: "check the ledger's address: it is the part before /testnet or /mainnet",
    });
  }

  async #find<T>(schema: z.ZodType<T>, path: string): Promise<T | undefined> {
    const answer = await this.#rest.get(path);
    if (answer === undefined) return undefined;
    const read = schema.safeParse(answer);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    throw new CheckError(
      `${this.url} answered ${path} with something else: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`,
      { next: "check that the address is an Aleo node's" },
    );
  }
}

/** @throws InputError unless the text has the form of an Aleo address. */
export function requireAddress(text: string): string {
  if (ADDRESS.test(text)) return text;
  throw InputError.expected("Aleo address", "aleo1 and 58 more characters", text);
}

/** @throws InputError unless the text has the form of a transaction's id. */
export function requireTransaction(text: string): string {
  if (TRANSACTION.test(text)) return text;
  throw InputError.expected("Aleo transaction", "at1 and 58 more characters", text);
}

/** @throws InputError unless the text can be a program's name. */
export function requireProgram(text: string): string {
  if (PROGRAM.test(text)) return text;
  throw InputError.expected("Aleo program", "a name like agent_registry_v3.aleo", text);
}

function requireName(what: string, text: string): string {
  if (NAME.test(text)) return text;
  throw InputError.expected(what, "a name of letters, digits and _", text);
}

function requireHeight(height: number): void {
  if (!Number.isInteger(height) || height < 0 || height > 0xffff_ffff) {
    throw InputError.expected("block height", "a whole number from 0 to 4294967295", height);
  }
}
