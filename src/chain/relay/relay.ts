import { ProofXError } from "../../core/errors.ts";
import { type RelayContext, type Step, wait } from "./context.ts";
import { begin, push } from "./dispatch.ts";
import { commonObstacle } from "./examine.ts";
import { statementOf } from "./inclusion.ts";
import { isOfNodes, Loop } from "./loop.ts";
import { blockTag, type Heads, parseBlock, readAccountNonce, readBalance, readHeads } from "./reads.ts";
import { isEnded, isInFlight, type SubmissionRecord, type Waiting } from "./record.ts";
import { RpcFault, RpcRefusal } from "./rpc.ts";
import { settle } from "./settle.ts";
import { type Spending, spendingOf } from "./spending.ts";
import { fail } from "./vouch.ts";

/** A submission that waits is looked at again after the poll interval, then after twice that, up to this many times it. */
const MOST_PATIENCE = 8;
/** Queued submissions that are looked at in one round. */
const LOOKS = 32;

/** What the relayer last saw. */
export interface RelayView {
  readonly heads: Heads | undefined;
  /** Time of the agreed head, unix s. */
  readonly headTime: number | undefined;
  /** Wei; undefined until a node told. */
  readonly balance: bigint | undefined;
  readonly spending: Spending;
  /** Why nothing is sent at all, if so. */
  readonly common: Waiting | undefined;
  /** What stops the loop: the journal cannot be written, a key cannot be used. */
  readonly fault: string | undefined;
  /** Why the nodes' answers were of no use in the last round, if so. */
  readonly nodeFault: string | undefined;
}

/**
 * The loop that brings submissions from the queue to the chain. One step after the other, never two at once: the order of
 * account nonces is the order of its decisions.
 */
export class Relay {
  readonly #context: RelayContext;
  readonly #waiting = new Map<string, Waiting & { until: number; patience: number }>();
  readonly #loop: Loop;
  #heads: Heads | undefined;
  #headTime: number | undefined;
  #balance: bigint | undefined;
  #common: Waiting | undefined;

  constructor(context: RelayContext) {
    this.#context = context;
    this.#loop = new Loop({
      poll: context.limits.poll,
      round: (stop) => this.#round(stop),
      troubled: (error) => this.#troubled(error),
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Ends after the step that is under way. */
  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** There is something new: looks at it without waiting for the next round. */
  wake(): void {
    this.#loop.wake();
  }

  /** Takes a submission out of the queue; false when it is too late for that. */
  cancel(record: SubmissionRecord): boolean {
    if (this.#context.outbox.get(record.id)?.state !== "accepted") return false;
    this.#context.events.ended(this.#context.outbox.put({ ...record, state: "cancelled" }));
    this.#waiting.delete(record.id);
    return true;
  }

  /** Why a submission does not go on right now. */
  waiting(id: string): Waiting | undefined {
    return this.#waiting.get(id);
  }

  view(): RelayView {
    const { outbox, now, limits } = this.#context;
    return {
      heads: this.#heads,
      headTime: this.#headTime,
      balance: this.#balance,
      spending: spendingOf(outbox.all(), now() - limits.spendingWindow),
      common: this.#common,
      fault: this.#loop.fault,
      nodeFault: this.#loop.nodeFault,
    };
  }

  #troubled(error: unknown): void {
    const { outbox, events } = this.#context;
    if (isOfNodes(error))
      for (const record of outbox.unfinished()) this.#note(record, wait("rpc", error.message));
    events.troubled(error);
  }

  /** One look at everything. */
  async #round(stop: AbortSignal): Promise<void> {
    const { pool, keys, outbox } = this.#context;
    [this.#heads, this.#balance] = await Promise.all([readHeads(pool), readBalance(pool, keys.sender)]);
    const head = this.#heads.agreed;
    if (head === undefined) {
      const waiting: Waiting = { cause: "rpc", detail: `fewer than ${pool.quorum} RPC endpoints answer` };
      for (const record of outbox.unfinished()) this.#note(record, { kind: "wait", waiting });
      return;
    }
    this.#headTime = (
      await pool.agree("eth_getBlockByNumber", [blockTag(head), false], parseBlock)
    )?.timestamp;
    this.#common = (await commonObstacle(this.#context))?.waiting;
    await this.#settleAll(head, stop);
    await this.#beginSome(head, stop);
  }

  async #settleAll(head: number, stop: AbortSignal): Promise<void> {
    for (const record of this.#inFlight()) {
      if (stop.aborted) return;
      await this.#try(record, async () => {
        const settled = await settle(this.#context, record, head);
        if (settled.kind !== "open") return settled;
        if (this.#common !== undefined) return { kind: "wait", waiting: this.#common };
        return push(this.#context, settled.record);
      });
    }
  }

  async #beginSome(head: number, stop: AbortSignal): Promise<void> {
    const { outbox, limits, now } = this.#context;
    let looks = 0;
    for (const record of outbox.unfinished().filter(({ account }) => account === undefined)) {
      if (stop.aborted || this.#inFlight().length >= limits.inFlight) return;
      if (this.#common !== undefined) {
        this.#note(record, { kind: "wait", waiting: this.#common });
        continue;
      }
      if ((this.#waiting.get(record.id)?.until ?? 0) > now() || ++looks > LOOKS) continue;
      if (outbox.get(record.id)?.state === "cancelled") continue;
      await this.#try(record, async () => {
        const { deadline } = statementOf(record).claim;
        if (deadline < BigInt(this.#headTime ?? 0))
          return fail(this.#context, record, "DeadlinePassed", `its deadline ${deadline} has passed`);
        if (this.#inFlight().some((other) => sameTarget(other, record)))
          return wait("behind-another", "another submission for this agent and policy is under way");
        const nonce = await this.#nextNonce(head);
        if (nonce === undefined) return wait("nonce", "an earlier transaction has to land again first");
        return begin(this.#context, record, nonce);
      });
    }
  }

  /**
   * The account nonce to use next: after those under way, else what the chain says.
   *
   * When the chain counts less than this relayer has finished, a reorganisation deeper than `confirmations` took
   * transactions back: they are taken up again, since nothing can land before them.
   */
  async #nextNonce(head: number): Promise<number | undefined> {
    const { outbox, pool, keys, events } = this.#context;
    const chain = await readAccountNonce(pool, keys.sender, "latest");
    const lost = outbox
      .all()
      .filter((record) => isEnded(record) && (record.account?.nonce ?? -1) >= chain)
      .filter(({ inclusion }) => inclusion !== undefined && inclusion.blockNumber <= head);
    for (const record of lost) {
      const { inclusion: _inclusion, failure: _failure, ...rest } = record;
      const reopened = outbox.put({ ...rest, state: "sent", spent: record.spent.slice(0, -1) });
      events.reorganised(reopened);
    }
    if (lost.length > 0) return undefined;
    const nonces = this.#inFlight().map(({ account }) => account?.nonce ?? 0);
    return nonces.length === 0 ? chain : Math.max(...nonces, chain - 1) + 1;
  }

  async #try(record: SubmissionRecord, step: () => Promise<Step>): Promise<void> {
    try {
      this.#note(record, await step());
    } catch (error) {
      if (error instanceof RpcFault) this.#note(record, wait("rpc", error.message));
      else if (error instanceof RpcRefusal) this.#note(record, wait("node-refused", error.message));
      else if (error instanceof ProofXError) throw error;
      else {
        // A defect met on one submission must not stop the others.
        this.#context.events.troubled(error);
        this.#note(record, wait("refused", "the relayer failed on this submission; its log has the reason"));
      }
    }
  }

  #note(record: SubmissionRecord, step: Step): void {
    if (step.kind === "moved") {
      this.#waiting.delete(record.id);
      return;
    }
    const { events, limits, now } = this.#context;
    const before = this.#waiting.get(record.id);
    const again = before?.cause === step.waiting.cause;
    const patience = again ? Math.min(before.patience * 2, MOST_PATIENCE) : 1;
    this.#waiting.set(record.id, { ...step.waiting, patience, until: now() + patience * limits.poll });
    if (!again) events.waits(record, step.waiting);
  }

  #inFlight(): SubmissionRecord[] {
    return this.#context.outbox
      .unfinished()
      .filter(isInFlight)
      .sort((a, b) => (a.account?.nonce ?? 0) - (b.account?.nonce ?? 0));
  }
}

/** The verifier keeps one attestation for each subject and policy: two at once would make one of them fail. */
function sameTarget(a: SubmissionRecord, b: SubmissionRecord): boolean {
  const [x, y] = [statementOf(a).claim, statementOf(b).claim];
  return x.streamId === y.streamId && x.agentId === y.agentId && x.policyId === y.policyId;
}
