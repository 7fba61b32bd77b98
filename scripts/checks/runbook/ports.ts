import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below what systems take for the near end of outgoing connections, so that a port that is free stays so until it is used. */
const RANGE = [10_000, 32_000] as const;

/** Where the services of this rehearsal listen, chosen once a process: two rehearsals on one machine do not meet. */
export const PORTS = {
  watcher: await freePort(),
  stateWatcher: await freePort(),
  prover: await freePort(),
  relayer: await freePort(),
  aleo: await freePort(),
} as const;

/** The URL of a service on one of {@link PORTS}. */
export const urlAt = (port: number): string => `http://127.0.0.1:${port}`;

/** A port of the loopback interface that nobody has. */
async function freePort(): Promise<number> {
  const port = randomInt(...RANGE);
  return (await isFree(port)) ? port : await freePort();
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listens = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  if (listens) await new Promise((resolve) => server.close(resolve));
  return listens;
}
