import { expect } from "chai";
import { id, makeError } from "ethers";
import { abiOf } from "../../src/chain/artifacts.ts";
import { explainCallError } from "../../src/chain/revert.ts";
import { CheckError, UnavailableError } from "../../src/core/errors.ts";

const verifier = abiOf("ProofXVerifier");
const notNewer = verifier.encodeErrorResult("NotNewer", [3, 2]);
const explain = (error: unknown) => explainCallError(error, "Attest");

describe("what a refused call says", () => {
  it("names the contract's own error with its values, however deep the node hides it", () => {
    for (const error of [
      { data: notNewer },
      { error: { data: notNewer } },
      { info: { error: { data: { data: notNewer } } } },
      { cause: { data: notNewer } },
    ]) {
      expect(explain(error)).to.be.instanceOf(CheckError);
      expect(explain(error).message).to.equal(
        "Attest was refused: NotNewer(recordedBatchIndex=3, givenBatchIndex=2)",
      );
    }
  });

  it("names a role that is missing, not its hash", () => {
    const account = `0x${"11".repeat(20)}`;
    const data = verifier.encodeErrorResult("AccessControlUnauthorizedAccount", [account, id("SIGNER_ROLE")]);
    expect(explain({ data }).message).to.contain("neededRole=SIGNER_ROLE");
  });

  it("shows the data of an error that no contract of ours has", () => {
    expect(explain({ data: "0xdeadbeef" }).message).to.equal("Attest was refused: 0xdeadbeef");
  });

  it("says that the sender cannot pay, or that nothing answered", () => {
    const poor = makeError("insufficient funds", "INSUFFICIENT_FUNDS", { transaction: {} as never });
    expect(explain(poor)).to.be.instanceOf(UnavailableError);
    expect(explain(poor).message).to.contain("cannot pay for the gas");
    expect(explain(new Error("connect ECONNREFUSED"))).to.be.instanceOf(UnavailableError);
  });
});
