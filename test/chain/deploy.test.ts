import { expect } from "chai";
import { parseEther, Wallet } from "ethers";
import { createContract } from "../../src/chain/deploy.ts";
import { UnavailableError } from "../../src/core/errors.ts";
import { type Governed, startGoverned } from "../support/governed.ts";

const CREATION = {
  step: "0010-policy-hasher",
  role: "policyHasher",
  artifact: "PoseidonT4",
  args: [],
} as const;

describe("a contract's creation", function () {
  this.timeout(120_000);

  let chain: Governed;
  const outside = process.env.PROOFX_DEPLOYMENTS;
  before(async () => {
    chain = await startGoverned();
    process.env.PROOFX_DEPLOYMENTS = chain.path("other-deployments");
  });
  after(async () => {
    if (outside === undefined) delete process.env.PROOFX_DEPLOYMENTS;
    else process.env.PROOFX_DEPLOYMENTS = outside;
    await chain?.close();
  });

  it("that no block takes is told of and given up in time, and the next run goes on with the same transaction", async () => {
    const bank = await chain.impersonate(chain.account("stranger"));
    const signer = Wallet.createRandom().connect(chain.provider);
    await (await bank.sendTransaction({ to: signer.address, value: parseEther("1") })).wait();
    const deployment = { ...chain.deployment(), contracts: {} };
    const told: string[] = [];
    const onProgress = (line: string) => told.push(line);
    await chain.provider.send("evm_setAutomine", [false]);
    const fault = await createContract(signer, deployment, CREATION, { onProgress, patience: 500 }).catch(
      (error: unknown) => error,
    );
    await chain.provider.send("evm_setAutomine", [true]);
    expect(fault).to.be.instanceOf(UnavailableError);
    expect((fault as UnavailableError).next)
      .to.contain("run the same command again")
      .and.to.contain("nonce 0");
    expect(told.join("\n")).to.contain("is in no block after");
    const { pending } = deployment;
    await chain.provider.send("evm_mine", []);
    const record = await createContract(signer, deployment, CREATION);
    expect(record.transactionHash).to.equal(pending?.record.transactionHash);
    expect(await signer.getNonce()).to.equal(1);
  });

  it("that a crash left behind is finished before another contract is created, and never forgotten", async () => {
    const bank = await chain.impersonate(chain.account("stranger"));
    const signer = Wallet.createRandom().connect(chain.provider);
    await (await bank.sendTransaction({ to: signer.address, value: parseEther("1") })).wait();
    const deployment = { ...chain.deployment(), contracts: {} };
    await chain.provider.send("evm_setAutomine", [false]);
    await createContract(signer, deployment, CREATION, { patience: 500 }).catch(() => {});
    const first = deployment.pending?.record.transactionHash;
    await chain.provider.send("evm_setAutomine", [true]);
    await chain.provider.send("evm_mine", []);

    const other = { ...CREATION, step: "later", role: "circuitVerifier:other" } as const;
    await createContract(signer, deployment, other);
    expect(await createContract(signer, deployment, CREATION)).to.have.property("transactionHash", first);
    expect(deployment.later).to.have.property("circuitVerifier:other");
    expect(await signer.getNonce()).to.equal(2);
  });
});
