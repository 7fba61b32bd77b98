import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

/** A way to a server that can be made as slow as a far or congested network. */
export interface SlowLink {
  /** The server's URL, by this way. */
  readonly url: string;
  /** Milliseconds that whatever the server says takes longer from now on; 0 for none. */
  slow(milliseconds: number): void;
  close(): Promise<void>;
}

/**
 * Hands everything on in both directions, in order; what the server says may come late.
 *
 * @param upstream The server's URL; its scheme, names and passwords are kept.
 */
export async function openSlowLink(upstream: string): Promise<SlowLink> {
  const { hostname, port } = new URL(upstream);
  const sockets = new Set<Socket>();
  let delay = 0;
  const server = createServer((client) => {
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [client, far],
      [far, client],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    client.on("data", (chunk) => far.write(chunk));
    let due = 0;
    // Never before what was said earlier, whatever the delay has become since.
    far.on("data", (chunk) => {
      due = Math.max(due, performance.now() + delay);
      const wait = due - performance.now();
      if (wait <= 0) client.write(chunk);
      else setTimeout(() => client.write(chunk), Math.ceil(wait));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(upstream);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    slow(milliseconds) {
      delay = milliseconds;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
