import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Interface } from "ethers";
import { makeCall } from "../../src/chain/call.ts";
import type { Chain } from "../../src/chain/network.ts";
import { writeUnsigned } from "../../src/chain/unsigned.ts";

const CHAIN: Chain = {
  network: "sepolia",
  chainId: 11155111n,
  genesisHash: `0x${"00".repeat(32)}`,
  isPublic: true,
};
const REGISTRY = `0x${"aa".repeat(20)}`;
const ADMIN = `0x${"bb".repeat(20)}`;
const ABI = new Interface(["function openStream(bytes32 streamId, address anchorer, uint32 maturityDelay)"]);

describe("unsigned calldata", () => {
  const folder = mkdtempSync(join(tmpdir(), "proofx-unsigned-"));
  const call = makeCall(ABI, REGISTRY, "openStream", [`0x${"01".repeat(32)}`, ADMIN, 3600], "Open a stream");
  const files = writeUnsigned(join(folder, "open.json"), CHAIN, ADMIN, [call]);

  after(() => rmSync(folder, { recursive: true }));

  it("is written plain, with the call decoded for whoever signs it", () => {
    const plain = JSON.parse(readFileSync(files.plain, "utf8"));
    expect(plain).to.deep.include({ version: 1, chainId: "11155111", from: ADMIN });
    expect(plain.calls[0].to).to.equal(REGISTRY);
    expect(plain.calls[0].decoded).to.deep.equal({
      signature: "openStream(bytes32,address,uint32)",
      args: { streamId: `0x${"01".repeat(32)}`, anchorer: ADMIN, maturityDelay: 3600 },
      description: "Open a stream",
    });
  });

  it("is written as a file that the Safe Transaction Builder imports", () => {
    expect(files.safe).to.equal(join(folder, "open.safe.json"));
    const safe = JSON.parse(readFileSync(files.safe, "utf8"));
    expect(safe).to.have.all.keys("version", "chainId", "createdAt", "meta", "transactions");
    expect(safe.version).to.equal("1.0");
    expect(safe.chainId).to.equal("11155111");
    expect(safe.meta.createdFromSafeAddress).to.equal(ADMIN);
    expect(safe.transactions).to.deep.equal([
      { to: REGISTRY, value: "0", data: call.data, contractMethod: null, contractInputsValues: null },
    ]);
  });

  it("carries calldata that decodes to the same call", () => {
    const plain = JSON.parse(readFileSync(files.plain, "utf8"));
    const [streamId, anchorer, delay] = ABI.decodeFunctionData("openStream", plain.calls[0].data);
    expect([streamId, anchorer.toLowerCase(), delay]).to.deep.equal([`0x${"01".repeat(32)}`, ADMIN, 3600n]);
  });

  it("is split into Safe files that nodes take, each one transaction of the Safe, when the calls are long", () => {
    const long = { ...call, data: `0x${"ab".repeat(64_500)}` };
    const { plain, safe, furtherSafe } = writeUnsigned(join(folder, "long"), CHAIN, ADMIN, [
      call,
      long,
      long,
      call,
    ]);
    expect(furtherSafe).to.deep.equal([join(folder, "long-2.safe.json")]);
    const counts = [safe, ...(furtherSafe ?? [])].map(
      (file) => JSON.parse(readFileSync(file, "utf8")).transactions.length,
    );
    expect(counts).to.deep.equal([2, 2]);
    expect(JSON.parse(readFileSync(plain, "utf8")).calls).to.have.length(4);
  });
});
