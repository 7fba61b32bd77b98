import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import {
  type Deployment,
  findDeployment,
  requireDeployment,
  saveDeployment,
} from "../../src/chain/deployment.ts";
import { type Chain, confirmNetwork } from "../../src/chain/network.ts";
import { InputError, RefusedError, UnavailableError } from "../../src/core/errors.ts";

const CHAIN: Chain = {
  network: "somewhere",
  chainId: 5n,
  genesisHash: `0x${"0a".repeat(32)}`,
  isPublic: true,
};
const ADDRESS = `0x${"cc".repeat(20)}`;
const DEPLOYMENT: Deployment = {
  version: 1,
  network: "somewhere",
  chainId: "5",
  genesisHash: CHAIN.genesisHash,
  deployer: ADDRESS,
  settings: { admin: ADDRESS, adminDelay: 1, timelockDelay: 1, guardians: [], signers: [], policyAdmins: [] },
  setup: { development: false, circuit: "compliance", verificationKeyHash: `0x${"0b".repeat(32)}` },
  contracts: {},
};

describe("the deployment file", () => {
  const before_ = process.env.PROOFX_DEPLOYMENTS;
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "proofx-deployment-"));
    process.env.PROOFX_DEPLOYMENTS = folder;
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
    if (before_ === undefined) delete process.env.PROOFX_DEPLOYMENTS;
    else process.env.PROOFX_DEPLOYMENTS = before_;
  });

  it("comes back as it was saved, and leaves no temporary file", () => {
    saveDeployment(DEPLOYMENT);
    expect(findDeployment(CHAIN)).to.deep.equal(DEPLOYMENT);
    expect(readdirSync(folder)).to.deep.equal(["somewhere.json"]);
  });

  it("is not taken for another chain, by id or by genesis", () => {
    saveDeployment(DEPLOYMENT);
    expect(() => findDeployment({ ...CHAIN, chainId: 6n })).to.throw(
      InputError,
      "expected a deployment on chain 6",
    );
    expect(() => findDeployment({ ...CHAIN, genesisHash: `0x${"0c".repeat(32)}` })).to.throw(
      InputError,
      "genesis",
    );
  });

  it("is not used while unfinished", () => {
    saveDeployment(DEPLOYMENT);
    expect(() => requireDeployment(CHAIN)).to.throw(UnavailableError, "not finished");
  });

  it("says which field was damaged, what belongs there and what to do", () => {
    const file = join(folder, "somewhere.json");
    for (const [change, fault] of [
      [{ deployer: "0x12" }, 'deployer: expected an address, got "0x12"'],
      [{ genesisHash: undefined }, "genesisHash: expected 0x and 64 lower-case hex digits, got nothing"],
      [{ version: 2 }, "version: expected 1, got 2"],
      [{ contracts: { other: {} } }, 'contracts: expected no unknown field, got "other"'],
      [
        { contracts: { verifier: { artifact: "Other" } } },
        "contracts.verifier.artifact: expected one of AnchorRegistry, ",
      ],
      [
        { settings: { ...DEPLOYMENT.settings, adminDelay: 0 } },
        "settings.adminDelay: expected a whole number of seconds",
      ],
      [{ more: 1 }, 'expected no unknown field, got "more"'],
    ] as const) {
      writeFileSync(file, JSON.stringify({ ...DEPLOYMENT, ...change }));
      const error = damage();
      expect(error.message.startsWith(`${file}: ${fault}`), error.message).to.equal(true);
      expect(error.next).to.equal("restore it from git");
    }
    writeFileSync(file, '{"version": 1, "net');
    expect(damage().message).to.contain("expected JSON");
  });

  function damage(): InputError {
    try {
      findDeployment(CHAIN);
    } catch (error) {
      if (error instanceof InputError) return error;
    }
    throw new Error("a damaged file was taken, or the error is no InputError");
  }
});

describe("confirmation of a public network", () => {
  const confirm = (given: string | undefined, typed?: string) =>
    confirmNetwork(CHAIN, "Deploy", { given, ask: typed === undefined ? undefined : async () => typed });
  const outcome = (promise: Promise<void>) =>
    promise.then(
      () => "passed",
      (error: Error) => error,
    );

  it("passes with the network's name, given or typed", async () => {
    expect(await outcome(confirm("somewhere"))).to.equal("passed");
    expect(await outcome(confirm(undefined, "somewhere\n"))).to.equal("passed");
  });

  it("refuses another name, and silence", async () => {
    expect(await outcome(confirm("mainnet"))).to.be.instanceOf(InputError);
    expect(await outcome(confirm(undefined, "y"))).to.be.instanceOf(InputError);
    expect(await outcome(confirm(undefined))).to.be.instanceOf(RefusedError);
  });

  it("is not asked for on a development chain", async () => {
    const ask = () => Promise.reject(new Error("asked"));
    await confirmNetwork({ ...CHAIN, isPublic: false }, "Deploy", { given: undefined, ask });
  });
});
