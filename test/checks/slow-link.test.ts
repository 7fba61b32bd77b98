import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";
import { expect } from "chai";
import { openSlowLink, type SlowLink } from "../../scripts/checks/runbook/slow-link.ts";

describe("a link that a rehearsal slows", () => {
  let echo: Server;
  let link: SlowLink;
  let client: Socket;
  const served: Socket[] = [];

  beforeEach(async () => {
    echo = createServer((socket) => {
      served.push(socket);
      socket.on("error", () => {});
      socket.on("data", (chunk) => socket.write(chunk));
    });
    await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
    link = await openSlowLink(`postgres://me:secret@127.0.0.1:${(echo.address() as AddressInfo).port}/log`);
    client = connect(Number(new URL(link.url).port), "127.0.0.1");
    await once(client, "connect");
  });

  afterEach(async () => {
    client.destroy();
    await link.close();
    for (const socket of served.splice(0)) socket.destroy();
    await new Promise((resolve) => echo.close(resolve));
  });

  /** What comes back for so many characters. */
  async function receive(length: number): Promise<string> {
    let text = "";
    while (text.length < length) text += String((await once(client, "data"))[0]);
    return text;
  }

  it("keeps the name, password and database of the server's URL", () => {
    const { username, password, pathname, protocol } = new URL(link.url);
    expect([protocol, username, password, pathname]).to.deep.equal(["postgres:", "me", "secret", "/log"]);
  });

  it("hands on in order, late from when it is told to, and at once again", async () => {
    client.write("a");
    expect(await receive(1)).to.equal("a");
    link.slow(150);
    const begun = performance.now();
    client.write("b");
    await new Promise((resolve) => setTimeout(resolve, 50));
    link.slow(0);
    client.write("c");
    expect(await receive(2)).to.equal("bc");
    // A timer may be a millisecond early.
    expect(performance.now() - begun).to.be.at.least(148);
  });

  it("ends with the server's connection, and ends it", async () => {
    client.write("a");
    await receive(1);
    const ended = once(client, "close");
    served[0]?.destroy();
    await ended;
    const again = connect(Number(new URL(link.url).port), "127.0.0.1");
    again.write("b");
    await once(again, "data");
    const gone = once(served[1] as Socket, "close");
    again.destroy();
    await gone;
  });

  it("refuses whoever comes while the server is away, and lets in who comes when it is back", async () => {
    const { port } = echo.address() as AddressInfo;
    client.destroy();
    for (const socket of served.splice(0)) socket.destroy();
    await new Promise((resolve) => echo.close(resolve));
    const early = connect(Number(new URL(link.url).port), "127.0.0.1");
    early.on("error", () => {});
    await once(early, "close");
    await new Promise<void>((resolve) => echo.listen(port, "127.0.0.1", resolve));
    client = connect(Number(new URL(link.url).port), "127.0.0.1");
    client.write("a");
    expect(await receive(1)).to.equal("a");
  });
});
