import { isOfNodes, Loop } from "../../chain/relay/loop.ts";
import {
  blockTag,
  type Heads,
  parseBlock,
  readAccountNonce,
  readBalance,
  readHeads,
} from "../../chain/relay/reads.ts";
import { RpcFault } from "../../chain/relay/rpc.ts";
import { toHex } from "../../core/bytes.ts";
import { ProofXError, RefusedError, UnavailableError } from "../../core/errors.ts";
import type { AnchorContext, WaitCause, Waiting } from "./context.ts";
import { isOf, push } from "./dispatch.ts";
import { type Candidate, type Look, lookAtStream, type StreamOnChain } from "./stream.ts";

/** Streams with nothing to send are looked at once in so many rounds: a deep reorganisation may have taken a batch back. */
const FULL_ROUND = 16;

/** Why a batch alone is not sent, whatever the others' chances. */
const OWN_CAUSES: ReadonlySet<WaitCause> = new Set(["refused", "reverted", "fault"]);

/** What the loop last saw. */
export interface AnchoringView {
  readonly heads: Heads | undefined;
  /** Time of the agreed head, unix s. */
  readonly headTime: number | undefined;
  /** Wei; undefined until a node told. */
  readonly balance: bigint | undefined;
  /** Why streams do not go on, by stream id (0x hex). */
  readonly waiting: ReadonlyMap<string, Waiting>;
  /** What stops the loop: the database cannot be reached, a key cannot be used. */
  readonly fault: string | undefined;
  /** Why the nodes' answers were of no use in the last round, if so. */
  readonly nodeFault: string | undefined;
}

/**
 * Anchors closed batches, each after the one before it in its stream. One transaction at a time is under way for a key, so its
 * account nonce is always the chain's own count: nothing has to be remembered for it, and nothing can be sent twice.
 */
export class Anchoring {
  readonly #context: AnchorContext;
  readonly #waiting = new Map<string, Waiting>();
  readonly #loop: Loop;
  #round = 0;
  #heads: Heads | undefined;
  #headTime: number | undefined;
  #balance: bigint | undefined;

  constructor(context: AnchorContext) {
    this.#context = context;
    this.#loop = new Loop({
      poll: context.limits.poll,
      round: (stop) => this.#once(stop),
      troubled: (error) => context.events.troubled(error),
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Ends after the step that is under way. */
  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** There is a new batch: looks at it without waiting for the next round. */
  wake(): void {
    this.#loop.wake();
  }

  view(): AnchoringView {
    return {
      heads: this.#heads,
      headTime: this.#headTime,
      balance: this.#balance,
      waiting: this.#waiting,
      fault: this.#loop.fault,
      nodeFault: this.#loop.nodeFault,
    };
  }

  /** One look at everything. */
  async #once(stop: AbortSignal): Promise<void> {
    const { pool, key, store } = this.#context;
    [this.#heads, this.#balance] = await Promise.all([readHeads(pool), readBalance(pool, key.address)]);
    const at = this.#heads.agreed;
    if (at === undefined) throw new RpcFault("transport", `fewer than ${pool.quorum} RPC endpoints answer`);
    this.#headTime = (await pool.agree("eth_getBlockByNumber", [blockTag(at), false], parseBlock))?.timestamp;
    const all = this.#round++ % FULL_ROUND === 0;
    const candidates: Candidate[] = [];
    for (const stream of await store.streams(all)) {
      if (stop.aborted) return;
      const look = await this.#look(stream, at);
      if (look.kind === "candidate") candidates.push(look.candidate);
      else this.#note(toHex(stream.streamId), look.kind === "wait" ? look.waiting : undefined);
    }
    if (candidates.length > 0 && !stop.aborted) await this.#sendOne(candidates, at);
  }

  async #look(stream: StreamOnChain, at: number): Promise<Look> {
    try {
      return await lookAtStream(this.#context, stream, at);
    } catch (error) {
      if (!isOfNodes(error)) return { kind: "wait", waiting: this.#faultOf(toHex(stream.streamId), error) };
      this.#context.events.troubled(error);
      return { kind: "wait", waiting: { cause: "rpc", detail: error.message } };
    }
  }

  /**
   * Brings the batch forward that the next account nonce belongs to, else the oldest one. Where that one cannot be sent for
   * a reason of its own, the nonce is the next one's.
   */
  async #sendOne(candidates: readonly Candidate[], at: number): Promise<void> {
    const { pool, key, store } = this.#context;
    // As of the block that the candidates were read at: a transaction that has landed since makes this nonce too low.
    const nonce = await readAccountNonce(pool, key.address, at);
    const attempts = await store.attemptsAt(nonce);
    const last = attempts.at(-1);
    const bound = last === undefined ? undefined : candidates.find((candidate) => isOf(last, candidate));
    const oldestFirst = candidates.toSorted((a, b) => Number(a.batch.closedAt - b.batch.closedAt));
    const inTurn = bound === undefined ? oldestFirst : [bound, ...oldestFirst.filter((one) => one !== bound)];
    let taken = false;
    for (const candidate of inTurn) {
      const id = toHex(candidate.batch.streamId);
      if (taken) {
        this.#note(id, { cause: "behind-another", detail: "another stream's batch is under way" });
        continue;
      }
      const sent = await push(this.#context, candidate, nonce, attempts, at).catch((error: unknown) => {
        if (!isOfNodes(error)) return this.#faultOf(id, error);
        const cause: WaitCause = error instanceof RpcFault ? "rpc" : "node-refused";
        return { cause, detail: error.message };
      });
      this.#note(id, sent);
      taken = sent === undefined || !OWN_CAUSES.has(sent.cause);
    }
  }

  /** What an error met at one stream makes that one wait for. @throws An error that meets every stream. */
  #faultOf(streamId: string, error: unknown): Waiting {
    if (error instanceof UnavailableError || error instanceof RefusedError) throw error;
    const detail = `stream ${streamId}: ${
      error instanceof ProofXError ? error.message : "the anchorer failed on it; its log has the reason"
    }`;
    if (this.#waiting.get(streamId)?.detail !== detail) this.#context.events.troubled(error);
    return { cause: "fault", detail };
  }

  #note(streamId: string, waiting: Waiting | undefined): void {
    if (waiting === undefined) {
      this.#waiting.delete(streamId);
      return;
    }
    const before = this.#waiting.get(streamId);
    this.#waiting.set(streamId, waiting);
    if (before?.cause !== waiting.cause) this.#context.events.waits(streamId, waiting);
  }
}
