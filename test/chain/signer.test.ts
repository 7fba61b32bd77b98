import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { parseUnits, recoverAddress, Transaction, verifyMessage, verifyTypedData } from "ethers";
import { KeyProviderSigner } from "../../src/chain/signer.ts";
import { SUBMISSION_TYPES, type Submission, submissionDomain } from "../../src/chain/submission.ts";
import { openKeyProvider } from "../../src/keys/index.ts";

const SUBMISSION: Submission = {
  policyId: 1n,
  streamId: `0x${"11".repeat(32)}`,
  agentId: `0x${"22".repeat(16)}`,
  batchIndex: 1n,
  end: 4n,
  matureAt: 1_800_000_000n,
  factsRoot: `0x${"03".repeat(32)}`,
  circuitVersion: 1n,
  proofHash: `0x${"44".repeat(32)}`,
  submitter: `0x${"55".repeat(20)}`,
  nonce: 0n,
  deadline: 1_800_000_100n,
};

describe("a signer whose key stays behind the KeyProvider port", function () {
  this.timeout(20_000);

  const folder = mkdtempSync(join(tmpdir(), "proofx-signer-"));
  const keys = openKeyProvider({
    folder: join(folder, "keys"),
    passphrase: { read: async () => "a long passphrase" },
    workFactor: 2,
  });
  let signer: KeyProviderSigner;

  before(async () => {
    await keys.create("account", "secp256k1");
    await keys.create("agent", "ed25519");
    signer = await KeyProviderSigner.open(keys, "account", null);
  });

  after(() => rmSync(folder, { recursive: true }));

  it("signs transactions that recover to its address", async () => {
    const raw = await signer.signTransaction({
      type: 2,
      chainId: 31337,
      nonce: 7,
      gasLimit: 21_000,
      maxFeePerGas: parseUnits("2", "gwei"),
      maxPriorityFeePerGas: 1,
      to: `0x${"66".repeat(20)}`,
      value: 1,
    });
    const { from, unsignedHash, signature } = Transaction.from(raw);
    expect(from).to.equal(await signer.getAddress());
    expect(recoverAddress(unsignedHash, signature ?? "")).to.equal(from);
  });

  it("signs messages and submissions that anybody can check", async () => {
    const address = await signer.getAddress();
    expect(verifyMessage("hello", await signer.signMessage("hello"))).to.equal(address);
    const domain = submissionDomain(31337n, `0x${"77".repeat(20)}`);
    const signature = await signer.signTypedData(domain, SUBMISSION_TYPES, SUBMISSION);
    expect(verifyTypedData(domain, SUBMISSION_TYPES, SUBMISSION, signature)).to.equal(address);
  });

  it("refuses to sign in another sender's name", async () => {
    const request = {
      from: `0x${"88".repeat(20)}`,
      to: `0x${"66".repeat(20)}`,
      chainId: 1,
      nonce: 0,
      gasLimit: 21_000,
      gasPrice: 1,
    };
    await expectRejection(signer.signTransaction(request), "transaction sender: expected");
  });

  it("refuses an agent's key, which has no address", async () => {
    await expectRejection(KeyProviderSigner.open(keys, "agent", null), "expected a secp256k1 key");
  });
});

async function expectRejection(promise: Promise<unknown>, message: string): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(Error);
  expect((error as Error).message).to.contain(message);
}
