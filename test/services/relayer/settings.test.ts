import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Deployment } from "../../../src/chain/deployment.ts";
import { Endpoint, RpcRefusal } from "../../../src/chain/relay/rpc.ts";
import { InputError, RefusedError } from "../../../src/core/errors.ts";
import { type RelayerSettings, relayerSection } from "../../../src/services/relayer/settings.ts";
import { readToken } from "../../../src/services/relayer/token.ts";
import { openPool, readRpcUrls } from "../../../src/services/support/rpc.ts";
import { LyingNode, refusal } from "./lying-node.ts";

const KEY = "a1b2c3d4e5f6a7b8";
const SETTINGS = {
  http: { port: 0 },
  deployment: "deployments/local.json",
  rpc_urls: ["http://127.0.0.1:8545"],
  signer: "signer",
  sender: "sender",
  folder: "outbox",
  token_file: "token",
  max_fee_per_gas: "50",
  spending_limit: "0.5",
  min_balance: "0.1",
};

describe("The relayer's settings and secrets", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "proofx-relayer-settings-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function file(content: string, mode = 0o600): string {
    const path = join(folder, "file");
    writeFileSync(path, content, { mode });
    return path;
  }

  const faultOf = (changes: object): string =>
    relayerSection.safeParse({ ...SETTINGS, ...changes }).error?.issues[0]?.message ?? "no fault";

  it("take amounts in words, one source of URLs, and no password in an URL", () => {
    expect(relayerSection.parse(SETTINGS)).to.include({ spending_limit: 5n * 10n ** 17n, confirmations: 12 });
    expect(faultOf({ max_fee_per_gas: 50 })).to.contain("in quotes");
    expect(faultOf({ spending_limit: "-1" })).to.contain("an amount of ether");
    expect(faultOf({ rpc_urls_file: "x" })).to.equal("either rpc_urls or rpc_urls_file");
    expect(faultOf({ rpc_urls: undefined })).to.equal("either rpc_urls or rpc_urls_file");
    expect(faultOf({ rpc_urls: ["http://user:password@host"] })).to.contain("without a user or password");
    expect(faultOf({ keep_for: 200_000, spending_window: 300_000 })).to.equal("at least spending_window");
    expect(faultOf({ misspelt: 1 })).to.contain("misspelt");
  });

  it("more than half of the nodes decide where nothing else is said, so that no two groups can", async () => {
    const quorums: number[] = [];
    for (let nodes = 1; nodes <= 8; nodes++) {
      const rpc_urls = Array.from({ length: nodes }, (_, n) => `http://127.0.0.1:${8545 + n}`);
      const settings = relayerSection.parse({ ...SETTINGS, rpc_urls });
      const chain = { chainId: 31337, genesisHash: "0x" } as unknown as Deployment;
      quorums.push((await openPool("relayer", settings, chain, { fault: () => {} })).quorum);
    }
    expect(quorums).to.deep.equal([1, 2, 2, 3, 3, 4, 4, 5]);
  });

  it("URLs that carry keys come from a private file, and a fault in it never shows them", async () => {
    const settings = (path: string) => ({ rpc_urls_file: path }) as RelayerSettings;
    const urls = `https://one.example/v2/${KEY}`;
    expect(
      await readRpcUrls(settings(file(`# providers\n${urls}\n\nhttp://127.0.0.1:8545\n`))),
    ).to.deep.equal([urls, "http://127.0.0.1:8545"]);
    for (const content of [
      `${urls}\n${urls}/\n${urls}`,
      `wss://one.example/${KEY}`,
      `https://${KEY}@host`,
      "",
    ]) {
      const error = await readRpcUrls(settings(file(content))).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(InputError);
      expect(String(error)).not.to.contain(KEY);
    }
    rmSync(join(folder, "file"));
    const open = await readRpcUrls(settings(file(urls, 0o644))).catch((error: unknown) => error);
    expect(open).to.be.instanceOf(RefusedError);
  });

  it("what a node says about its own URL is not repeated", async () => {
    const node = await LyingNode.start(async () => {
      throw refusal(`project ${KEY} has no right to https://one.example/v2/${KEY}`);
    });
    try {
      const endpoint = new Endpoint(0, `${node.url}/v2/${KEY}?token=${KEY}x`, 1_000);
      const error = await endpoint.call("eth_chainId", []).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(RpcRefusal);
      expect(String(error)).not.to.contain(KEY);
    } finally {
      await node.close();
    }
  });

  it("a token that is short, or that others can read, is refused", async () => {
    for (const content of ["short", `${"x".repeat(40)} ${"y".repeat(40)}`, ""]) {
      const error = await readToken(file(content)).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(InputError);
    }
    rmSync(join(folder, "file"));
    const open = await readToken(file("x".repeat(64), 0o644)).catch((error: unknown) => error);
    expect(open).to.be.instanceOf(RefusedError);
  });
});
