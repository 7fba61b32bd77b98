import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server of the rehearsal's own on a free port of the loopback interface. */
export interface LoopbackServer {
  readonly url: string;
  close(): void;
}

/** Lets a server listen. */
export async function onLoopback(server: Server): Promise<LoopbackServer> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // One that a failed page leaves must not keep the rehearsal from ending.
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
