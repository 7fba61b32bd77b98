import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { UnavailableError } from "../../../src/core/errors.ts";
import { untilWithin } from "../../../src/ops/subgraph/catch-up.ts";
import { readFailure } from "../../../src/ops/subgraph/query.ts";

describe("waiting for a subgraph", () => {
  /** What the next looks are answered, in their order; the last one stays. */
  let answers: object[];
  let server: Server;
  let url: string;

  before(async () => {
    server = createServer((request, response) => {
      request.resume();
      response.end(JSON.stringify(answers.length > 1 ? answers.shift() : answers[0]));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  after(() => server?.close());

  const at = (number: number, hasIndexingErrors = false): object => ({
    data: { _meta: { hasIndexingErrors, deployment: "QmX", block: { number, hash: "0x01" } } },
  });
  const nothingYet = { errors: [{ message: "has not started syncing yet" }] };
  const wait = (seconds: number) => untilWithin(url, async () => 10, 2, seconds);

  it("ends once it is within the limit, also when it had nothing to say at first", async () => {
    answers = [nothingYet, at(1), at(8), at(10)];
    expect(await wait(30)).to.include({ blocks: 2, number: 8, failed: false });
  });

  it("ends at once when a handler failed: it goes no further", async () => {
    answers = [at(1, true)];
    expect(await wait(30)).to.include({ blocks: 9, failed: true });
  });

  it("says how far it is when the time is over, and what is wrong when it says nothing", async () => {
    answers = [at(1)];
    expect(await wait(0)).to.include({ blocks: 9, failed: false });
    answers = [nothingYet];
    const refused = await wait(0).catch((error: Error) => error.message);
    expect(refused).to.contain("has not started syncing yet");
  });

  it("knows from its node why one stopped, and takes no silence for health", async () => {
    const status = (health: string, fatalError: object | null): object => ({
      data: { indexingStatuses: [{ health, fatalError }] },
    });
    answers = [status("healthy", null)];
    expect(await readFailure(url, "QmX")).to.equal(undefined);
    answers = [status("failed", { message: "planted", block: { number: "14" } })];
    expect(await readFailure(url, "QmX")).to.deep.equal({ message: "planted", block: 14 });
    answers = [status("failed", null)];
    expect(await readFailure(url, "QmX")).to.deep.equal({ message: "it does not say why" });
    answers = [{ data: { indexingStatuses: [] } }];
    const unknown = await readFailure(url, "QmX").catch((error: unknown) => error);
    expect(unknown).to.be.instanceOf(UnavailableError);
  });
});
