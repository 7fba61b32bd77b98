import { z } from "zod";
import { CheckError } from "../core/errors.ts";
import { hexField, textField, uintField } from "../core/json.ts";
import { readAnswer } from "./answer.ts";
import type { Transport } from "./transport.ts";

/** The log's own public keys, by purpose: what receipts and checkpoints are checked with. */
export interface LogKeys {
  /** By id, 32 bytes each; retired ones too, for what they signed is still to be checked. */
  readonly receipt: ReadonlyMap<number, Uint8Array>;
  /** Ed25519, 32 bytes each. */
  readonly checkpoint: readonly Uint8Array[];
}

const PUBLISHED = z.looseObject({
  keys: z.array(
    z.looseObject({ purpose: textField, key_id: uintField(2 ** 32 - 1), public_key: hexField(32) }),
  ),
});

/**
 * The keys to check with: those that were pinned, and else those that the sequencer publishes.
 *
 * Published keys are believed on the word of the server that they are to check: they find faults of storage and of the
 * way, and a server that contradicts itself. Pin them, from another source, to find a server that was replaced.
 */
export class KeyBook {
  readonly #transport: Transport;
  readonly #pinned: Partial<LogKeys>;
  #published: Promise<LogKeys> | undefined;

  constructor(transport: Transport, pinned: Partial<LogKeys>) {
    this.#transport = transport;
    this.#pinned = pinned;
  }

  async keys(): Promise<LogKeys> {
    const { receipt, checkpoint } = this.#pinned;
    if (receipt !== undefined && checkpoint !== undefined) return { receipt, checkpoint };
    const published = await this.#read();
    return { receipt: receipt ?? published.receipt, checkpoint: checkpoint ?? published.checkpoint };
  }

  /** The receipt keys, read anew when `keyId` is not among those known so far: the log rotates them. */
  async receiptKeys(keyId: number): Promise<ReadonlyMap<number, Uint8Array>> {
    if (this.#pinned.receipt !== undefined) return this.#pinned.receipt;
    const known = await this.#read();
    if (known.receipt.has(keyId)) return known.receipt;
    this.#published = undefined;
    return (await this.#read()).receipt;
  }

  /** The keys as they are published, read anew. */
  async refresh(): Promise<LogKeys> {
    this.#published = undefined;
    return this.#read();
  }

  #read(): Promise<LogKeys> {
    this.#published ??= this.#fetch().catch((error: unknown) => {
      this.#published = undefined;
      throw error;
    });
    return this.#published;
  }

  async #fetch(): Promise<LogKeys> {
    const { keys } = readAnswer(PUBLISHED, await this.#transport.json("keys", { anonymous: true }), "keys");
    const receipt = new Map<number, Uint8Array>();
    for (const { purpose, key_id, public_key } of keys) {
      if (purpose !== "receipt") continue;
      if (receipt.has(key_id)) throw new CheckError(`the sequencer publishes two receipt keys ${key_id}`);
      receipt.set(key_id, public_key);
    }
    return {
      receipt,
      checkpoint: keys.filter(({ purpose }) => purpose === "checkpoint").map(({ public_key }) => public_key),
    };
  }
}
