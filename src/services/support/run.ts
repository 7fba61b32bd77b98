/** A running service, however it is reached. */
export interface RunningService {
  /** Where it listens, if it does. */
  readonly url?: string;
  /** Ends it gracefully; never rejects twice, may be called again. */
  close(): Promise<void>;
}

/**
 * Runs a service until SIGTERM or SIGINT, then lets what is under way end. A second signal ends the process at once.
 *
 * @param say Gets the line that tells operators and scripts that it is up.
 */
export async function runUntilStopped(
  name: string,
  start: () => Promise<RunningService>,
  say: (line: string) => void,
): Promise<void> {
  const stop = Promise.withResolvers<NodeJS.Signals>();
  const onSignal = (signal: NodeJS.Signals): void => {
    stop.resolve(signal);
    process.once("SIGINT", () => process.exit(130));
    process.once("SIGTERM", () => process.exit(143));
  };
  process.once("SIGINT", onSignal);
  process.once("SIGTERM", onSignal);
  const service = await start();
  say(service.url === undefined ? `${name} is running` : `${name} is listening on ${service.url}`);
  const signal = await stop.promise;
  say(`${name}: ${signal}, stopping; once more to stop at once`);
  await service.close();
  say(`${name} stopped`);
}
