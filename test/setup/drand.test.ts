import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { InputError } from "../../src/core/errors.ts";
import { drandChainHash, drandRandomness, isDrandRound } from "../../src/setup/ceremony/drand.ts";
import {
  announceDrandRound,
  fetchDrandRound,
  parseDrandInfo,
  parseDrandRound,
  QUICKNET,
} from "../../src/setup/ceremony/index.ts";
import { TEST_CHAIN } from "./support/drand.ts";

describe("A drand round", () => {
  // Round 1000 of the public chain, as https://api.drand.sh answers it.
  const answer = {
    round: 1000,
    randomness: "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd",
    signature:
      "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
  };

  it("of the public chain is known by its signature, which gives the value drand names", () => {
    expect(drandChainHash(QUICKNET)).to.equal(
      "0x52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    );
    const signature = parseDrandRound("answer", answer, 1000);
    expect(isDrandRound(QUICKNET, 1000, signature)).to.equal(true);
    expect(isDrandRound(QUICKNET, 1001, signature)).to.equal(false);
    expect(isDrandRound(TEST_CHAIN, 1000, signature)).to.equal(false);
    expect(drandRandomness(signature)).to.equal(`0x${answer.randomness}`);
  });

  it("is announced with the time it is due", () => {
    expect(announceDrandRound(1000).notBefore).to.equal("2023-08-23T15:59:24.000Z");
  });

  it("is refused when it is another round than the announced one", () => {
    expect(() => parseDrandRound("answer", answer, 1001)).to.throw("the announced round 1001, got 1000");
  });

  it("is had from a node by the announced chain and round, and proves itself: the node may lie", async () => {
    const asked: string[] = [];
    const node = createServer((request, response) => {
      asked.push(request.url ?? "");
      const forged = { ...answer, round: request.url?.includes("/lie/") ? 7 : 1000 };
      response.writeHead(request.url?.includes("/down/") ? 503 : 200).end(JSON.stringify(forged));
    });
    node.listen(0, "127.0.0.1");
    await once(node, "listening");
    const url = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
    const announced = announceDrandRound(1000);
    try {
      expect(await fetchDrandRound(announced, `${url}/`)).to.equal(`0x${answer.signature}`);
      expect(asked).to.deep.equal([`/${drandChainHash(QUICKNET).slice(2)}/public/1000`]);
      for (const [place, words] of [
        ["lie", "the announced round 1000, got 7"],
        ["down", "HTTP 503"],
      ]) {
        const error = await fetchDrandRound(announced, `${url}/${place}`).catch((each: unknown) => each);
        expect(String(error)).to.contain(words);
      }
    } finally {
      node.close();
    }
  });

  it("of a chain of another scheme is refused", () => {
    const info = {
      public_key: "00",
      period: 30,
      genesis_time: 1,
      groupHash: "00",
      schemeID: "pedersen-bls-chained",
    };
    expect(() => parseDrandInfo("info", info)).to.throw(InputError);
  });
});
