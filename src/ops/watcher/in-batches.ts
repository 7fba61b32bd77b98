/**
 * What arrives, in lists: each has all that was there when it was asked for, so that work which costs as much for many as for one is
 * done once. Ends, or fails, as the source does; what came before is handed out first.
 *
 * @param open Opens the source; its signal is aborted when nobody wants more, also while the source waits.
 * @param most Of one list.
 * @param stop Ends it.
 */
export async function* inBatches<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  most: number,
  stop: AbortSignal,
): AsyncGenerator<readonly T[]> {
  const left = new AbortController();
  const source = open(AbortSignal.any([stop, left.signal]))[Symbol.asyncIterator]();
  let next = source.next();
  try {
    while (true) {
      const first = await next;
      if (first.done === true) return;
      const batch = [first.value];
      next = source.next();
      while (batch.length < most) {
        const more = await Promise.race([next, idle()]).catch(() => undefined);
        if (more === undefined || more.done === true) break;
        batch.push(more.value);
        next = source.next();
      }
      yield batch;
    }
  } finally {
    left.abort();
    await next.catch(() => undefined);
    await source.return?.();
  }
}

/** Resolves when nothing that has arrived is left to be done. */
const idle = (): Promise<undefined> => new Promise((resolve) => setImmediate(() => resolve(undefined)));
