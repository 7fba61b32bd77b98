import type { StreamKey } from "../../sequencer/tree/index.ts";

/** A stream that somebody waits for. */
interface Watched {
  /** The largest sequence number known. */
  head: bigint;
  readonly waiting: Set<() => void>;
  watchers: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Tells who follows a stream that it moved: at once when this process moved it, and by looking at its head every now and then,
 * as another process may have. However many follow a stream, it is looked at once.
 */
export class Heads {
  readonly #streams = new Map<string, Watched>();
  readonly #read: (stream: StreamKey) => Promise<bigint>;
  readonly #poll: number;

  /**
   * @param read The stream's head.
   * @param poll Milliseconds between two looks.
   */
  constructor(read: (stream: StreamKey) => Promise<bigint>, poll: number) {
    this.#read = read;
    this.#poll = poll;
  }

  /** A stream's head as this process moved it. */
  moved(stream: StreamKey, head: bigint): void {
    const watched = this.#streams.get(keyOf(stream));
    if (watched !== undefined) raise(watched, head);
  }

  /** Begins to watch; what it returns ends that. */
  watch(stream: StreamKey): () => void {
    const key = keyOf(stream);
    const watched = this.#streams.get(key) ?? { head: 0n, waiting: new Set(), watchers: 0, timer: undefined };
    this.#streams.set(key, watched);
    watched.watchers += 1;
    if (watched.watchers === 1) this.#look(stream, watched);
    return () => {
      watched.watchers -= 1;
      if (watched.watchers > 0) return;
      clearTimeout(watched.timer);
      this.#streams.delete(key);
    };
  }

  /** Resolves once the watched stream's head is beyond `sequence`, the time is over, or the signal says stop. */
  async beyond(
    stream: StreamKey,
    sequence: bigint,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<void> {
    const watched = this.#streams.get(keyOf(stream));
    if (watched === undefined || watched.head > sequence || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (watched.head > sequence) done();
      };
      const done = (): void => {
        clearTimeout(timer);
        watched.waiting.delete(look);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      watched.waiting.add(look);
      signal.addEventListener("abort", done, { once: true });
    });
  }

  #look(stream: StreamKey, watched: Watched): void {
    watched.timer = setTimeout(async () => {
      // A database that does not answer now is asked again.
      const head = await this.#read(stream).catch(() => 0n);
      raise(watched, head);
      if (watched.watchers > 0) this.#look(stream, watched);
    }, this.#poll);
  }
}

function raise(watched: Watched, head: bigint): void {
  if (head <= watched.head) return;
  watched.head = head;
  for (const look of [...watched.waiting]) look();
}

const keyOf = ({ tenant, store }: StreamKey): string => `${tenant}/${store}`;
