import { expect } from "chai";
import { InputError } from "../../../src/core/errors.ts";
import { STREAM } from "../../support/contracts/registry.ts";
import { AGENT, subjectOf } from "../../support/contracts/system.ts";
import { startChain, type TestChain } from "./chain.ts";

describe("aleo: what the attestor asks of the verifier's chain", function () {
  this.timeout(60_000);
  let chain: TestChain;
  beforeEach(async () => {
    chain = await startChain();
  });

  const reasonOf = async (...question: Parameters<TestChain["ask"]>): Promise<string> => {
    const answer = await chain.ask(...question);
    return answer.holds ? "it holds" : `${answer.kind}: ${answer.reason}`;
  };

  it("an attestation holds once it is as deep as demanded, and not before", async () => {
    expect(await reasonOf()).to.include("no: the verifier has no attestation");
    await chain.attest();
    expect((await chain.ask()).holds).to.equal(true);
    expect(await reasonOf({ confirmations: 4 })).to.include("wait: it is not 4 blocks deep yet");
    await chain.mine(2);
    expect(await reasonOf({ confirmations: 4 })).to.include("wait");
    await chain.mine(1);
    const { system } = chain;
    expect(await chain.ask({ confirmations: 4 })).to.deep.equal({
      holds: true,
      verifier: await system.verifier.getAddress(),
      chainId: system.chainId,
      subject: subjectOf(STREAM, AGENT),
      batchEnd: 10n,
    });
    expect(await reasonOf({ confirmations: 10_000 })).to.include("wait");
    for (const confirmations of [0, -1, 1.5])
      expect(await chain.ask({ confirmations }).catch((error: unknown) => error)).to.be.instanceOf(
        InputError,
      );
  });

  it("of a newer one that is not deep enough, the one before it counts", async () => {
    await chain.attest();
    await chain.mine(3);
    await chain.attest();
    expect(await chain.ask({ confirmations: 3 })).to.include({ holds: true, batchEnd: 10n });
    await chain.mine(2);
    expect(await chain.ask({ confirmations: 3 })).to.include({ holds: true, batchEnd: 20n });
  });

  it("a distrusted signer or circuit version, a retired policy and an old batch count at once", async () => {
    const { verifier, actors } = chain.system;
    await chain.attest();
    await chain.mine(20);
    const asAdmin = verifier.connect(actors.admin);
    expect((await chain.ask({ confirmations: 12 })).holds).to.equal(true);
    await asAdmin.distrustSigner(actors.signer.address, 0n);
    expect(await reasonOf({ confirmations: 12 })).to.include("no: it does not stand");

    chain = await startChain();
    await chain.attest();
    await chain.mine(20);
    await chain.system.verifier.connect(chain.system.actors.policyAdmin).retirePolicy(1n);
    expect(await reasonOf({ confirmations: 12 })).to.include("no: it does not stand");

    chain = await startChain();
    await chain.attest();
    await chain.system.chain.time.increase(3_600);
    expect(await reasonOf({ maxAge: 600n })).to.include("no: its batch was anchored more than 600 s ago");
    expect((await chain.ask({ maxAge: 7_200n })).holds).to.equal(true);
    await chain.system.verifier.connect(chain.system.actors.admin).distrustCircuitVersion(1n, 0n);
    expect(await reasonOf({ maxAge: 7_200n })).to.include("no: it does not stand");
  });

  it("while the verifier is paused nothing is said for it, and nothing against it", async () => {
    await chain.attest();
    await chain.system.verifier.connect(chain.system.actors.admin).pause();
    expect(await reasonOf()).to.equal("wait: the verifier is paused");
  });

  it("another policy, or another agent's attestation, is none of it", async () => {
    await chain.attest();
    expect(await reasonOf({ policyId: 2n })).to.include("no: the verifier has no attestation");
  });
});
