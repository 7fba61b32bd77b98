/** Milliseconds that a reading of the metrics waits for one of their sources. */
const PATIENCE = 250;

/**
 * What a promise gives; undefined when it fails or takes too long. Whoever reads a service's metrics gives up after some seconds, and
 * would have none of them just when a database behind one of them does not answer.
 */
export async function soon<T>(promise: Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), PATIENCE);
  try {
    return await Promise.race([promise, late.promise]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
