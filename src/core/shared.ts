/**
 * A resource that a library keeps once a process, opened for the first user and closed after the last.
 *
 * Opening is awaited by everybody who comes meanwhile, and waits for a closing that is under way.
 */
export class Shared<T> {
  #users = 0;
  #opened: Promise<T> | undefined;
  #closed: Promise<void> = Promise.resolve();

  /** Takes a share; the caller gives it back with `release`, once. */
  async hold(open: () => Promise<T>): Promise<T> {
    this.#users += 1;
    this.#opened ??= this.#closed.then(open);
    try {
      return await this.#opened;
    } catch (error) {
      this.#users -= 1;
      if (this.#users === 0) this.#opened = undefined;
      throw error;
    }
  }

  /** Gives a share back; resolves when the resource is closed if it was the last one. */
  async release(close: (resource: T) => Promise<void>): Promise<void> {
    this.#users -= 1;
    const opened = this.#opened;
    if (this.#users > 0 || opened === undefined) return;
    this.#opened = undefined;
    this.#closed = opened.then(close);
    await this.#closed;
  }
}

/** ffjavascript's BN254 workers, which every snarkjs call of the process uses: closing them under another user hangs it. */
export const BN254_WORKERS = new Shared<{ terminate(): Promise<void> }>();
