import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import {
  accountOfPrivateKey,
  DEVELOPMENT_KEYS,
  loadSdk,
  openAleo,
  openLedger,
  parseLedgerUrl,
} from "../../src/aleo/index.ts";
import { CheckError, InputError, RefusedError, UnavailableError } from "../../src/core/errors.ts";

const ID = `at1${"q".repeat(58)}`;
const FAST = { firstPause: 1, timeout: 2000 };

/** Answers one request; `undefined` tears the connection. */
type Answer = (path: string, number: number) => { status: number; body: string } | undefined;

/** A node that fails as it is told to, and remembers what it was asked. */
async function failingNode(answer: Answer) {
  const asked: { method: string; path: string; body: string }[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? "";
    asked.push({ method: request.method ?? "", path, body: await text(request) });
    const said = answer(path, asked.length);
    if (said === undefined) request.socket.destroy();
    else response.writeHead(said.status).end(said.body);
  };
  const server: Server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}`, asked, [Symbol.asyncDispose]: close };
}

async function refusal(promise: Promise<unknown>): Promise<Error & { next?: string }> {
  return promise.then(
    () => expect.fail("expected a refusal"),
    (error: unknown) => error as Error,
  );
}

describe("a ledger's node", () => {
  it("that tears connections and answers 500, 502 and 429 is asked again until it answers", async () => {
    const failures = [
      undefined,
      { status: 500, body: "busy" },
      { status: 502, body: "" },
      { status: 429, body: "" },
    ];
    await using node = await failingNode((_, number) =>
      number <= failures.length ? failures[number - 1] : { status: 200, body: "7" },
    );
    expect(await openLedger(node.url, FAST).height()).to.equal(7);
    expect(node.asked).to.have.length(failures.length + 1);
  });

  it("that keeps failing, or is not there, is given up with the reason", async () => {
    const node = await failingNode(() => ({ status: 503, body: "down" }));
    const down = await refusal(openLedger(node.url, { ...FAST, attempts: 3 }).height());
    expect(down).to.be.instanceOf(UnavailableError);
    expect(down.message).to.contain("503").and.contain("3 times");
    expect(node.asked).to.have.length(3);
    const { url } = node;
    await node[Symbol.asyncDispose]();
    const gone = await refusal(openLedger(url, { ...FAST, attempts: 2 }).height());
    expect(gone.message).to.contain("ECONNREFUSED");
  });

  it("gets the very same transaction again after a fault, and never one it refused", async () => {
    await using node = await failingNode((_, number) =>
      number < 3 ? undefined : { status: 200, body: `"${ID}"` },
    );
    expect(await openLedger(node.url, FAST).broadcast('{"id":"same"}')).to.equal(true);
    expect(node.asked.map(({ body }) => body)).to.deep.equal(Array(3).fill('{"id":"same"}'));

    const refused = "Invalid transaction — Fee verification failed: the balance is missing";
    await using strict = await failingNode(() => ({ status: 500, body: refused }));
    const error = await refusal(openLedger(strict.url, FAST).broadcast("{}"));
    expect(error).to.be.instanceOf(RefusedError);
    expect(error.message).to.contain("balance is missing");
    expect(strict.asked).to.have.length(1);
  });

  it("that has the transaction already took it the first time", async () => {
    const said = `Invalid transaction — Transaction '${ID}' already exists in the ledger`;
    await using node = await failingNode((_, number) =>
      number === 1 ? undefined : { status: 500, body: said },
    );
    expect(await openLedger(node.url, FAST).broadcast("{}")).to.equal(false);
  });

  it("says with 404, or with 500 and a text, that something is not there; that is no fault", async () => {
    await using node = await failingNode((path) =>
      path.includes("latest_edition")
        ? { status: 404, body: "" }
        : { status: 500, body: "Missing program for ID p.aleo" },
    );
    const ledger = openLedger(node.url, FAST);
    expect(await ledger.program("p.aleo")).to.equal(undefined);
    expect(await ledger.edition("p.aleo")).to.equal(undefined);
    expect(node.asked).to.have.length(2);
  });

  it("whose answer is of another kind is no Aleo node", async () => {
    await using node = await failingNode(() => ({ status: 200, body: '"seven"' }));
    expect(await refusal(openLedger(node.url, FAST).height())).to.be.instanceOf(CheckError);
  });

  it("is waited for until the transaction is in a block; after that time it is not known, and the message says so", async () => {
    await using node = await failingNode(() => ({
      status: 500,
      body: `Missing confirmed transaction for ID ${ID}`,
    }));
    const error = await refusal(openLedger(node.url, FAST).waitConfirmed(ID, { timeout: 150 }));
    expect(error).to.be.instanceOf(UnavailableError);
    expect(error.next).to.contain("before anything is sent in its place");
  });
});

describe("a ledger that wants proofs", function () {
  this.timeout(60_000);

  it("gets nothing where the parameter files are not here and may not or cannot be had", async () => {
    await using node = await failingNode((path) =>
      path.endsWith("/snapshots") ? { status: 404, body: "" } : { status: 500, body: "Missing program" },
    );
    const server = await failingNode(() => ({ status: 404, body: "" }));
    await server[Symbol.asyncDispose]();
    const folder = mkdtempSync(join(tmpdir(), "proofx-parameters-"));
    try {
      const account = await accountOfPrivateKey(DEVELOPMENT_KEYS[0]);
      for (const parameters of [{ folder }, { folder, server: server.url }]) {
        const client = openAleo({ ledger: openLedger(node.url, FAST), account, parameters });
        expect(await client.ledger.isDevnode()).to.equal(false);
        const error = await refusal(
          client.execute("credits.aleo", "transfer_public", [account.address, "1u64"]),
        );
        expect(error).to.be.instanceOf(UnavailableError);
        expect(error.message).to.contain("with proofs only").and.contain("fee_public.prover");
        expect(error.message).to.contain("nothing was sent");
        expect(await refusal(client.deploy("program p.aleo;\n"))).to.be.instanceOf(UnavailableError);
      }
      expect(node.asked.filter(({ method }) => method === "POST")).to.deep.equal([]);
      expect(readdirSync(folder)).to.deep.equal([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("of the main network has the same accounts, with keys of that network's own module", async () => {
    const mainnet = await loadSdk("mainnet");
    const account = await accountOfPrivateKey(DEVELOPMENT_KEYS[0]);
    const address = account.withPrivateKey((key) => {
      expect(key).to.be.instanceOf(mainnet.PrivateKey);
      return key.to_address().to_string();
    }, mainnet);
    expect(address).to.equal(account.address);
  });
});

describe("a ledger's address", () => {
  it("ends with its network or means the testnet", () => {
    expect(parseLedgerUrl("http://127.0.0.1:3030")).to.deep.equal({
      host: "http://127.0.0.1:3030",
      network: "testnet",
    });
    expect(parseLedgerUrl("https://api.example/v1/mainnet/")).to.deep.equal({
      host: "https://api.example/v1",
      network: "mainnet",
    });
  });

  it("is refused with another scheme, a query, or a password, which the refusal does not repeat", () => {
    for (const text of ["ftp://x", "127.0.0.1:3030", "http://x/?a=1", "http://x/canary"])
      expect(() => parseLedgerUrl(text), text).to.throw(InputError);
    expect(() => parseLedgerUrl("http://user:hunter2@x"))
      .to.throw(InputError)
      .with.property("message")
      .that.does.not.contain("hunter2");
  });
});
