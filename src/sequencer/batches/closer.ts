import { setTimeout as sleep } from "node:timers/promises";
import { type Closing, closeDue } from "./close.ts";

/** Closes batches as they fall due, until it is stopped. */
export class Closer {
  readonly #closing: Closing;
  readonly #poll: number;
  readonly #troubled: (error: unknown) => void;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #fault: string | undefined;

  /**
   * @param poll Milliseconds between two looks.
   * @param troubled Gets what a look failed on; the next one goes on.
   */
  constructor(closing: Closing, poll: number, troubled: (error: unknown) => void) {
    this.#closing = closing;
    this.#poll = poll;
    this.#troubled = troubled;
  }

  /** Why the last look failed, if it did. */
  get fault(): string | undefined {
    return this.#fault;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends after the look that is under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await closeDue(this.#closing);
        this.#fault = undefined;
      } catch (error) {
        this.#fault = error instanceof Error ? error.message : "unknown";
        this.#troubled(error);
      }
      await sleep(this.#poll, undefined, { signal }).catch(() => undefined);
    }
  }
}
