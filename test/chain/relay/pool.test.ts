import { expect } from "chai";
import { RpcPool } from "../../../src/chain/relay/pool.ts";
import { Endpoint } from "../../../src/chain/relay/rpc.ts";
import { InputError } from "../../../src/core/errors.ts";
import { LyingNode } from "../../services/relayer/lying-node.ts";

const GENESIS = `0x${"aa".repeat(32)}`;

describe("The pool of a chain's nodes", () => {
  const nodes: LyingNode[] = [];
  const faults: string[] = [];
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.close();
    faults.splice(0);
  });

  async function poolOf(size: number, quorum: number): Promise<RpcPool> {
    const told: Record<string, unknown> = {
      eth_chainId: "0x7a69",
      eth_getBlockByNumber: { hash: GENESIS },
      eth_gasPrice: "0x1",
    };
    while (nodes.length < size) nodes.push(await LyingNode.start(async (method) => told[method]));
    const endpoints = nodes.map(({ url }, index) => new Endpoint(index, url, 2_000));
    return new RpcPool(
      endpoints,
      quorum,
      { chainId: 31337n, genesisHash: GENESIS },
      { fault: (endpoint, kind) => faults.push(`${endpoint} ${kind}`) },
    );
  }

  it("leaves out and reports a node of another chain, by id or by genesis, while a quorum of others is left", async () => {
    const wrong: [string, unknown][] = [
      ["eth_chainId", "0x1"],
      ["eth_getBlockByNumber", { hash: `0x${"11".repeat(32)}` }],
    ];
    for (const [method, answer] of wrong) {
      const pool = await poolOf(3, 2);
      nodes[0]?.lie(method, () => answer);
      nodes[0]?.lie("eth_gasPrice", () => "0x2");
      await pool.identify();
      expect(faults.splice(0)).to.deep.equal(["0 wrong-chain"]);
      expect([...pool.faults]).to.deep.equal([[0, "wrong-chain"]]);
      expect(await pool.agree("eth_gasPrice", [], String)).to.equal("0x1");
      expect(await pool.first("eth_gasPrice", [], String)).to.equal("0x1");
      expect(nodes[0]?.asked.map(({ method: asked }) => asked)).to.not.include("eth_gasPrice");
      // What it was asked late has been told, too.
      await pool.each("eth_gasPrice", [], String);
      faults.splice(0);
      nodes[0]?.honest();
    }
  });

  it("refuses to start when fewer than the quorum can be of the chain, and names the URLs", async () => {
    const pool = await poolOf(3, 2);
    nodes[0]?.lie("eth_chainId", () => "0x1");
    nodes[2]?.lie("eth_chainId", () => "0x1");
    const error = await pool.identify().catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(InputError);
    expect(String(error)).to.contain("endpoint 0 serves another chain");
    expect((error as InputError).next).to.contain("number 1, 3 of");
  });

  it("waits for a node that does not answer, which is no other chain", async () => {
    const pool = await poolOf(2, 2);
    nodes[1]?.lie("eth_chainId", () => {
      throw new Error("not now");
    });
    await pool.identify();
    expect(faults).to.deep.equal([]);
    nodes[1]?.honest();
    expect(await pool.agree("eth_gasPrice", [], String)).to.equal("0x1");
  });
});
