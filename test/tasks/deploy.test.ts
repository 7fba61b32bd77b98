import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { Contract } from "ethers";
import solc from "solc";
import { abiOf } from "../../src/chain/artifacts.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import { type Operator, settingsFor, startOperator } from "../support/cli.ts";

const DUTIES = ["deployer", "admin", "guardian", "signer", "policy-admin"];

describe("deploy", function () {
  this.timeout(240_000);

  let operator: Operator;
  const file = () => operator.path("deployments/local.json");
  const state = () => JSON.parse(readFileSync(file(), "utf8")) as Deployment;
  const deploy = (...more: string[]) =>
    operator.hardhat([
      "deploy",
      "--network",
      "local",
      "--settings",
      operator.path("deploy.toml"),
      "--key",
      "deployer",
      ...more,
    ]);

  before(async () => {
    operator = await startOperator({ accounts: DUTIES });
    writeFileSync(operator.path("deploy.toml"), settingsFor(operator.accounts));
  });

  after(() => operator?.close());

  it("needs a network, and says which there are", async () => {
    const { code, stderr } = await operator.hardhat([
      "deploy",
      "--settings",
      operator.path("deploy.toml"),
      "--key",
      "deployer",
    ]);
    expect(code).to.equal(2);
    expect(stderr).to.contain("--network: expected one of local, story, sepolia");
  });

  it("refuses settings that are wrong, naming the setting", async () => {
    writeFileSync(
      operator.path("bad.toml"),
      settingsFor(operator.accounts, { admin: '"0x0000000000000000000000000000000000000000"' }),
    );
    const { code, stderr } = await operator.hardhat([
      "deploy",
      "--network",
      "local",
      "--settings",
      operator.path("bad.toml"),
      "--key",
      "deployer",
    ]);
    expect(code).to.equal(2);
    expect(stderr).to.contain("deploy.admin: expected an address that is not zero");
  });

  it("refuses a deployer that is to hold a role", async () => {
    writeFileSync(
      operator.path("bad.toml"),
      settingsFor(operator.accounts, { signers: `["${operator.accounts.deployer}"]` }),
    );
    const { code, stderr } = await operator.hardhat([
      "deploy",
      "--network",
      "local",
      "--settings",
      operator.path("bad.toml"),
      "--key",
      "deployer",
    ]);
    expect(code).to.equal(2);
    expect(stderr).to.contain("expected a deployer that holds no role");
  });

  it("sends nothing in a dry run", async () => {
    const { code, stdout } = await deploy("--dry-run");
    expect(code).to.equal(0);
    expect(stdout).to.contain("nothing sent").and.to.contain("0070-handover");
    expect(await operator.provider.getTransactionCount(operator.accounts.deployer ?? "")).to.equal(0);
  });

  it("deploys, and goes on after an interruption without sending anything twice", async () => {
    const first = await deploy("--json");
    expect(first.code, first.stderr).to.equal(0);
    const done = state();
    const sent = await operator.provider.getTransactionCount(operator.accounts.deployer ?? "");
    expect(sent).to.equal(6);

    // As a crash between sending and noting it down would leave the file.
    const { verifier, ...others } = done.contracts;
    if (verifier === undefined) throw new Error("no verifier in the deployment");
    const raw = await rawTransaction(operator, verifier.transactionHash);
    const pending = {
      step: "0060-verifier-proxy",
      role: "verifier" as const,
      record: { ...verifier, blockNumber: 0 },
      rawTransaction: raw,
    };
    const { handover: _, ...unfinished } = done;
    writeFileSync(file(), JSON.stringify({ ...unfinished, contracts: others, pending }));

    const second = await deploy("--json");
    expect(second.code, second.stderr).to.equal(0);
    expect(state()).to.deep.equal(done);
    expect(await operator.provider.getTransactionCount(operator.accounts.deployer ?? "")).to.equal(sent);
  });

  it("refuses to go on with other settings than it was begun with", async () => {
    writeFileSync(operator.path("other.toml"), settingsFor(operator.accounts, { timelock_delay: "3600" }));
    const { code, stderr } = await operator.hardhat([
      "deploy",
      "--network",
      "local",
      "--settings",
      operator.path("other.toml"),
      "--key",
      "deployer",
    ]);
    expect(code).to.equal(2);
    expect(stderr).to.contain("expected the settings it was begun with");
  });

  it("gives every role to whom the settings name, and none to the deployer", async () => {
    const { contracts } = state();
    const verifier = new Contract(
      contracts.verifier?.address ?? "",
      abiOf("ProofXVerifier"),
      operator.provider,
    );
    expect(await verifier.defaultAdmin?.()).to.equal(operator.accounts.admin);
    expect(await verifier.hasRole?.(await verifier.SIGNER_ROLE?.(), operator.accounts.signer)).to.equal(true);
    expect(await verifier.hasRole?.(await verifier.UPGRADER_ROLE?.(), contracts.timelock?.address)).to.equal(
      true,
    );
    expect(await verifier.hasRole?.(await verifier.UPGRADER_ROLE?.(), operator.accounts.admin)).to.equal(
      false,
    );
    expect(
      await verifier.hasRole?.(await verifier.DEFAULT_ADMIN_ROLE?.(), operator.accounts.deployer),
    ).to.equal(false);
  });

  it("verifies against the source, and exports what recompiles to the deployed bytecode", async () => {
    const folder = operator.path("explorer");
    const { code, stdout, stderr } = await operator.hardhat([
      "deployment",
      "verify",
      "--network",
      "local",
      "--export",
      folder,
    ]);
    expect(code, stderr + stdout).to.equal(0);
    const about = JSON.parse(readFileSync(`${folder}/registry.json`, "utf8")) as {
      contract: string;
      address: string;
    };
    const input = readFileSync(`${folder}/registry.standard-input.json`, "utf8");
    const output = JSON.parse(solc.compile(input)) as {
      contracts: Record<string, Record<string, { evm: { deployedBytecode: { object: string } } }>>;
    };
    const at = about.contract.lastIndexOf(":");
    const compiled = output.contracts[about.contract.slice(0, at)]?.[about.contract.slice(at + 1)];
    expect(`0x${compiled?.evm.deployedBytecode.object}`).to.equal(
      await operator.provider.getCode(about.address),
    );
  });

  it("says what differs when the file names another contract's address", async () => {
    const good = state();
    const { registry, timelock } = good.contracts;
    if (registry === undefined || timelock === undefined) throw new Error("not deployed");
    const swapped = {
      ...good,
      contracts: { ...good.contracts, registry: { ...registry, address: timelock.address } },
    };
    writeFileSync(file(), JSON.stringify(swapped));
    try {
      const { code, stdout } = await operator.hardhat(["deployment", "verify", "--network", "local"]);
      expect(code).to.equal(1);
      expect(stdout).to.contain("WRONG registry is AnchorRegistry");
    } finally {
      writeFileSync(file(), JSON.stringify(good));
    }
  });

  it("refuses a deployment file of another chain", async () => {
    const good = state();
    writeFileSync(file(), JSON.stringify({ ...good, genesisHash: `0x${"11".repeat(32)}` }));
    try {
      const { code, stderr } = await operator.hardhat(["policy", "list", "--network", "local"]);
      expect(code).to.equal(2);
      expect(stderr).to.contain("the development chain was started anew");
    } finally {
      writeFileSync(file(), JSON.stringify(good));
    }
  });
});

describe("deploy on a public network", function () {
  this.timeout(120_000);

  let operator: Operator;
  const deploy = (...more: string[]) =>
    operator.hardhat([
      "deploy",
      "--network",
      "local",
      "--settings",
      operator.path("deploy.toml"),
      "--key",
      "deployer",
      ...more,
    ]);

  before(async () => {
    operator = await startOperator({ accounts: DUTIES, chainId: 987_654 });
    writeFileSync(operator.path("deploy.toml"), settingsFor(operator.accounts));
  });

  after(() => operator?.close());

  it("refuses a verifier from the development setup", async () => {
    const { code, stderr } = await deploy("--confirm", "local");
    expect(code).to.equal(3);
    expect(stderr).to.contain("development");
  });

  it("refuses delays too short for anybody to answer", async () => {
    writeFileSync(operator.path("short.toml"), settingsFor(operator.accounts, { timelock_delay: "60" }));
    const { code, stderr } = await operator.hardhat([
      "deploy",
      "--network",
      "local",
      "--settings",
      operator.path("short.toml"),
      "--key",
      "deployer",
    ]);
    expect(code).to.equal(2);
    expect(stderr).to.contain("deploy.timelock_delay: expected at least 86400 s");
  });

  it("sends nothing until the network is confirmed by its name", async () => {
    const unconfirmed = await deploy("--allow-development-setup");
    expect(unconfirmed.code).to.equal(3);
    expect(unconfirmed.stderr).to.contain("add --confirm local");
    const wrong = await deploy("--allow-development-setup", "--confirm", "mainnet");
    expect(wrong.code).to.equal(2);
    expect(await operator.provider.getTransactionCount(operator.accounts.deployer ?? "")).to.equal(0);
  });

  it("deploys with the explicit override, and the file says that the setup is for development", async () => {
    const { code, stderr, stdout } = await deploy("--allow-development-setup", "--confirm", "local");
    expect(code, stderr).to.equal(0);
    expect(stdout).to.contain("Development setup");
    const saved = JSON.parse(readFileSync(operator.path("deployments/local.json"), "utf8")) as Deployment;
    expect(saved.setup.development).to.equal(true);
    rmSync(operator.path("deployments"), { recursive: true });
  });
});

async function rawTransaction(operator: Operator, hash: string): Promise<string> {
  const transaction = await operator.provider.getTransaction(hash);
  if (transaction === null) throw new Error(`no transaction ${hash}`);
  const { Transaction } = await import("ethers");
  const { type, nonce, gasLimit, maxFeePerGas, maxPriorityFeePerGas, data, value, chainId, signature, to } =
    transaction;
  return Transaction.from({
    type,
    nonce,
    gasLimit,
    maxFeePerGas,
    maxPriorityFeePerGas,
    data,
    value,
    chainId,
    signature,
    to,
  }).serialized;
}
