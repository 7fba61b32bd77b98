import { z } from "zod";
import { equalBytes, toHex } from "../core/bytes.ts";
import { CheckError, UnavailableError } from "../core/errors.ts";
import { hexField, u64Field, uintField } from "../core/json.ts";
import {
  type Checkpoint,
  type OpenedCheckpoint,
  openCheckpoint,
  parseCheckpoint,
} from "../core/log/checkpoint.ts";
import { ForkError } from "../core/log/fork.ts";
import { eventLeaf, type LeafContent, streamId } from "../core/log/leaf.ts";
import { type LogInclusionProof, verifyLogConsistency, verifyLogInclusion } from "../core/log/log-proofs.ts";
import { parseNote } from "../core/log/signed-note.ts";
import { SIGNATURE_TYPE } from "../core/log/verifier-key.ts";
import { ofAnswer, readAnswer } from "./answer.ts";
import type { KeyBook } from "./published-keys.ts";
import type { Transport } from "./transport.ts";

/** That an event is in the log whose head a checkpoint signs; checked. */
export interface Inclusion {
  readonly checkpoint: OpenedCheckpoint;
  readonly proof: LogInclusionProof;
}

const NUMBER = z.union([u64Field, uintField(Number.MAX_SAFE_INTEGER).transform(BigInt)]);
const PATH = z.looseObject({ path: z.array(hexField(32)).max(64) });
const SIZED = z.looseObject({ size: NUMBER, path: z.array(hexField(32)).max(64) });

/** Reads proofs and checks them. */
export class ProofReader {
  readonly #transport: Transport;
  readonly #keys: KeyBook;
  readonly #path: string;
  readonly #stream: string;

  constructor(
    transport: Transport,
    keys: KeyBook,
    { tenant, store }: { readonly tenant: string; readonly store: string },
  ) {
    this.#transport = transport;
    this.#keys = keys;
    this.#path = `stores/${store}`;
    this.#stream = toHex(streamId(tenant, store)).slice(2);
  }

  /**
   * The stream's newest checkpoint, signed by the log, and for this stream.
   *
   * @param since One that was kept: the new one must continue it, with nothing of it changed or removed.
   * @throws CheckError when the signature does not hold; ForkError, which is one, when the log does not continue `since`:
   *   keep both heads, they are the proof. SequencerRefusal while there is none.
   */
  async checkpoint(since?: Checkpoint, signal?: AbortSignal): Promise<OpenedCheckpoint> {
    const { checkpoint: keys } = await this.#keys.keys();
    const note = await this.#transport.call(
      `${this.#path}/checkpoint`,
      { accept: "text/plain", signal },
      (body) => body,
    );
    const { origin } = ofAnswer(() => parseCheckpoint(parseNote(note).text));
    if (!origin.endsWith(`/${this.#stream}`))
      throw new CheckError(`the checkpoint is of another stream: ${origin}`);
    const noteKeys = keys.map((publicKey) => ({ name: origin, publicKey, type: SIGNATURE_TYPE.note }));
    const opened = openCheckpoint(note, noteKeys, origin);
    if (since !== undefined) await this.#requireContinues(since, opened, signal);
    return opened;
  }

  /**
   * Proves that an event is in the log, from the event itself and the newest checkpoint.
   *
   * @throws CheckError when it is not, or not this one; UnavailableError while no checkpoint reaches it.
   */
  async inclusion({ sequence, event }: LeafContent, signal?: AbortSignal): Promise<Inclusion> {
    const leaf = eventLeaf({ sequence, event });
    const checkpoint = await this.checkpoint(undefined, signal);
    if (checkpoint.size < sequence) {
      throw new UnavailableError(
        `the newest checkpoint has ${checkpoint.size} events, not yet event ${sequence}`,
        {
          next: "ask again later: checkpoints follow within seconds",
        },
      );
    }
    const query = `sequence=${sequence}&size=${checkpoint.size}`;
    const answer = await this.#transport.json(`${this.#path}/proofs/inclusion?${query}`, { signal });
    const { size, path } = readAnswer(SIZED, answer, "proof");
    if (size !== checkpoint.size) {
      throw new CheckError(`the sequencer's proof is for ${size} events, not for ${checkpoint.size}`);
    }
    const proof = { index: sequence - 1n, size, path };
    verifyLogInclusion(leaf, proof, checkpoint.root);
    return { checkpoint, proof };
  }

  async #requireContinues(
    old: Checkpoint,
    now: OpenedCheckpoint,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (old.origin !== now.origin)
      throw new CheckError(`the checkpoint is of ${now.origin}, not of ${old.origin}`);
    const forked = (how: string): ForkError => new ForkError(how, old, now);
    if (now.size < old.size) throw forked(`the log shrank from ${old.size} to ${now.size} events`);
    if (now.size === old.size) {
      if (equalBytes(now.root, old.root)) return;
      throw forked(`the log has two heads of ${now.size} events`);
    }
    if (old.size === 0n) return;
    const query = `from=${old.size}&to=${now.size}`;
    const answer = await this.#transport.json(`${this.#path}/proofs/consistency?${query}`, { signal });
    const { path } = readAnswer(PATH, answer, "proof");
    try {
      verifyLogConsistency({ first: old.size, second: now.size, path }, old.root, now.root);
    } catch (error) {
      throw error instanceof CheckError ? forked(error.message) : error;
    }
  }
}
