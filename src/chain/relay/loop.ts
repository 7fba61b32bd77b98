import { setTimeout as sleep } from "node:timers/promises";
import { RpcFault, RpcRefusal } from "./rpc.ts";

/** What a loop does. */
export interface LoopParts {
  /** Between two rounds, ms. */
  readonly poll: number;
  /** One look at everything; it ends early once the signal says so. */
  readonly round: (stop: AbortSignal) => Promise<void>;
  /** Gets what a round failed on; the next one is tried all the same. */
  readonly troubled: (error: unknown) => void;
}

/** Whether the nodes are to blame for an error. */
export const isOfNodes = (error: unknown): error is RpcFault | RpcRefusal =>
  error instanceof RpcFault || error instanceof RpcRefusal;

/** One round after the other, never two at once, until it is stopped. */
export class Loop {
  readonly #parts: LoopParts;
  readonly #stop = new AbortController();
  #wake = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;
  #fault: string | undefined;
  #nodeFault: string | undefined;

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  /** Why the last round failed, when it was not the nodes. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Why the nodes' answers were of no use in the last round, if so. */
  get nodeFault(): string | undefined {
    return this.#nodeFault;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends after the step that is under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake.resolve();
    await this.#running;
  }

  /** There is something new: looks at it without waiting for the next round. */
  wake(): void {
    this.#wake.resolve();
  }

  async #run(): Promise<void> {
    const { poll, round, troubled } = this.#parts;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await round(signal);
        this.#fault = undefined;
        this.#nodeFault = undefined;
      } catch (error) {
        const message = error instanceof Error ? error.message : "unknown";
        if (isOfNodes(error)) this.#nodeFault = message;
        else this.#fault = message;
        troubled(error);
      }
      const pause = sleep(poll, undefined, { signal }).catch(() => undefined);
      await Promise.race([pause, this.#wake.promise]);
      this.#wake = Promise.withResolvers();
    }
  }
}
