import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { atBlock, readyQueries } from "../../src/ops/subgraph/ready.ts";
import { proofx } from "../support/proofx.ts";

/** Answers as a graph-node would, and keeps what it was asked. */
interface AnsweringSubgraph {
  readonly url: string;
  readonly asked: { query: string; variables: Record<string, unknown> }[];
  answer: object;
  close(): void;
}

async function startAnsweringSubgraph(): Promise<AnsweringSubgraph> {
  const asked: AnsweringSubgraph["asked"] = [];
  const server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      asked.push(JSON.parse(body));
      response.end(JSON.stringify(subgraph.answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const subgraph = { url: `http://127.0.0.1:${port}/x`, asked, answer: {}, close: () => server.close() };
  return subgraph;
}

describe("proofx subgraph query", function () {
  this.timeout(60_000);

  let subgraph: AnsweringSubgraph;
  before(async () => {
    subgraph = await startAnsweringSubgraph();
  });
  after(() => subgraph.close());
  const query = (...words: string[]) =>
    proofx(["subgraph", "query", ...words, "--url", subgraph.url, "--json"]);

  it("sends a ready query, as of a block and with its variables, and prints the answer", async () => {
    subgraph.answer = { data: { batches: [{ id: "1" }] } };
    const done = await query("Batches", "--var", "stream=0xab", "--block", "7");
    expect(done.code, done.stderr).to.equal(0);
    expect(JSON.parse(done.stdout)).to.deep.equal({ batches: [{ id: "1" }] });
    expect(subgraph.asked.at(-1)?.variables).to.deep.equal({ stream: "0xab" });
    expect(subgraph.asked.at(-1)?.query)
      .to.contain("where: { stream: $stream }")
      .and.to.contain("block: { number: 7 }");
  });

  it("refuses a name that is none, a variable that is missing, and what the subgraph refuses", async () => {
    subgraph.answer = { errors: [{ message: "Type `Query` has no field `batchs`" }] };
    const before = subgraph.asked.length;
    const unknown = await query("Nothing");
    expect([unknown.code, unknown.stderr.includes("AgentAttestations")], unknown.stderr).to.deep.equal([
      2,
      true,
    ]);
    const open = await query("Batches");
    expect([open.code, open.stderr.includes("--var stream=")], open.stderr).to.deep.equal([2, true]);
    expect(subgraph.asked).to.have.lengthOf(before);
    const refused = await query("Days");
    expect([refused.code, refused.stderr.includes("no field `batchs`")], refused.stderr).to.deep.equal([
      2,
      true,
    ]);
  });

  it("says 4 when nothing answers there", async () => {
    const gone = await proofx(["subgraph", "query", "Days", "--url", "http://127.0.0.1:1/x"]);
    expect([gone.code, gone.stderr.includes("does not answer")], gone.stderr).to.deep.equal([4, true]);
  });

  it("asks every outermost field of a block, and no inner one", () => {
    const text = "query A($s: String!) {\n  one(where: { s: $s }) { inner { id } }\n  two { id }\n}\n";
    expect(atBlock(text, 9)).to.equal(
      "query A($s: String!) {\n  one(where: { s: $s }, block: { number: 9 }) { inner { id } }\n  two(block: { number: 9 }) { id }\n}\n",
    );
    for (const { name, text: ready } of readyQueries())
      expect(atBlock(ready, 9).match(/block: \{ number: 9 \}/g)?.length ?? 0, name).to.be.greaterThan(0);
  });
});
