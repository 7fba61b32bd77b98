import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { Contract, concat, id, JsonRpcSigner, keccak256, Transaction, toBeHex, ZeroHash } from "ethers";
import lockfile from "proper-lockfile";
import solc from "solc";
import { abiOf, maskImmutables } from "../../src/chain/artifacts.ts";
import type { ContractRecord, Deployment } from "../../src/chain/deployment.ts";
import { expectOk, expectRefused, type Operator, settingsFor, startOperator } from "../support/cli.ts";

const DUTIES = ["deployer", "admin", "guardian", "signer", "policy-admin"];
const ZERO = "0x0000000000000000000000000000000000000000";

describe("deploy", function () {
  this.timeout(240_000);

  let operator: Operator;
  const state = () => JSON.parse(readFileSync(operator.path("deployments/local.json"), "utf8")) as Deployment;
  const save = (changed: object) =>
    writeFileSync(operator.path("deployments/local.json"), JSON.stringify(changed));
  const settings = (name: string, overrides: Record<string, string> = {}) =>
    writeFileSync(operator.path(name), settingsFor(operator.accounts, overrides));
  const deploy = (file = "deploy.toml", more = "") =>
    operator.type(`deploy --network local --settings @${file} --key deployer${more}`);
  const sent = () => operator.provider.getTransactionCount(operator.accounts.deployer ?? "");

  before(async () => {
    operator = await startOperator({ accounts: DUTIES });
    settings("deploy.toml");
  });

  after(() => operator?.close());

  it("needs a network, and says which there are", async () => {
    const refused = await operator.type("deploy --settings @deploy.toml --key deployer");
    expectRefused(refused, 2, "--network: expected one of local, story, sepolia");
  });

  it("refuses settings that are wrong, naming the setting", async () => {
    settings("bad.toml", { admin: `"${ZERO}"` });
    expectRefused(
      await deploy("bad.toml"),
      2,
      "bad.toml: deploy.admin: expected an address that is not zero",
    );
    settings("bad.toml", { timelock_delay: '"2 days"' });
    expectRefused(
      await deploy("bad.toml"),
      2,
      "deploy.timelock_delay: expected a whole number of seconds, at least 0",
    );
  });

  it("refuses a deployer that is to hold a role", async () => {
    settings("bad.toml", { signers: `["${operator.accounts.deployer}"]` });
    expectRefused(await deploy("bad.toml"), 2, "expected a deployer that holds no role");
  });

  it("sends nothing in a dry run", async () => {
    const dry = await deploy("deploy.toml", " --dry-run");
    expectOk(dry);
    expect(dry.stdout).to.contain("nothing sent").and.to.contain("0070-handover");
    expect(await sent()).to.equal(0);
  });

  it("deploys, and goes on after an interruption without sending anything twice", async () => {
    expectOk(await deploy());
    expect(await sent()).to.equal(6);

    const done = state();
    save(await interruptedBeforeItWasNoted(operator, done));
    expectOk(await deploy());
    expect(state()).to.deep.equal(done);
    expect(await sent()).to.equal(6);
  });

  it("takes a transaction that was replaced for what it is: the same contract, by another transaction", async () => {
    const done = state();
    const pending = await interruptedBeforeItWasNoted(operator, done);
    // The saved transaction never came into a block: another one with the same nonce made the contract.
    const other = `0x${"ab".repeat(32)}`;
    save({
      ...pending,
      pending: { ...pending.pending, record: { ...pending.pending.record, transactionHash: other } },
    });
    expectOk(await deploy());
    expect(state().contracts.verifier?.address).to.equal(done.contracts.verifier?.address);
    expect(await sent()).to.equal(6);
    save(done);
  });

  it("says so when the saved nonce was used for something else", async () => {
    const done = state();
    const { pending, ...unfinished } = await interruptedBeforeItWasNoted(operator, done);
    const record = {
      ...pending.record,
      transactionHash: `0x${"ab".repeat(32)}`,
      address: operator.accounts.admin,
    };
    save({ ...unfinished, pending: { ...pending, record } });
    const refused = await deploy();
    save(done);
    expectRefused(refused, 1, "was used by another transaction");
  });

  it("refuses a second deployment at the same time", async () => {
    const done = state();
    const unlock = await lockfile.lock(operator.path("deployments/local.json"), { realpath: false });
    const refused = await deploy();
    await unlock();
    expectRefused(refused, 3, "another deployment to local is running");
    expect(state()).to.deep.equal(done);
  });

  it("refuses to go on with other settings than it was begun with", async () => {
    settings("other.toml", { timelock_delay: "3600" });
    expectRefused(await deploy("other.toml"), 2, "expected the settings it was begun with");
  });

  it("gives every role to whom the settings name, and none to the deployer", async () => {
    const { contracts } = state();
    const verifier = new Contract(
      contracts.verifier?.address ?? "",
      abiOf("ProofXVerifier"),
      operator.provider,
    );
    const holds = async (role: string, account: string | undefined) =>
      verifier.hasRole?.(await verifier[role]?.(), account);
    expect(await verifier.defaultAdmin?.()).to.equal(operator.accounts.admin);
    expect(await holds("SIGNER_ROLE", operator.accounts.signer)).to.equal(true);
    expect(await holds("UPGRADER_ROLE", contracts.timelock?.address)).to.equal(true);
    expect(await holds("UPGRADER_ROLE", operator.accounts.admin)).to.equal(false);
    expect(await holds("DEFAULT_ADMIN_ROLE", operator.accounts.deployer)).to.equal(false);
  });

  it("verifies against the source, and exports what recompiles to the deployed code of every contract", async () => {
    expectOk(await operator.type("deployment verify --network local --export @explorer"));
    for (const [role, record] of Object.entries(state().contracts)) {
      const about = JSON.parse(readFileSync(operator.path(`explorer/${role}.json`), "utf8"));
      const input = JSON.parse(readFileSync(operator.path(`explorer/${role}.standard-input.json`), "utf8"));
      const at = about.contract.lastIndexOf(":");
      const [source, name] = [about.contract.slice(0, at), about.contract.slice(at + 1)];
      // Code is made for what is asked for alone; what comes out does not depend on it.
      input.settings.outputSelection = { [source]: { [name]: ["evm.deployedBytecode.object"] } };
      const { evm } = JSON.parse(solc.compile(JSON.stringify(input))).contracts[source][name];
      const comparable = (code: string) => withoutMetadata(maskImmutables(record.artifact, code));
      const deployed = await operator.provider.getCode(about.address);
      expect(comparable(`0x${evm.deployedBytecode.object}`), role).to.equal(comparable(deployed));
    }
  });

  it("says what differs when the file names another contract's address", async () => {
    const good = state();
    const { registry, timelock } = good.contracts;
    save({
      ...good,
      contracts: { ...good.contracts, registry: { ...registry, address: timelock?.address } },
    });
    const { code, stdout } = await operator.type("deployment verify --network local");
    save(good);
    expect(stdout).to.contain("WRONG registry is AnchorRegistry");
    expect(code).to.equal(1);
  });

  it("says so when the admin gave the deployer a role afterwards", async () => {
    const { contracts } = state();
    const { admin, deployer } = operator.accounts;
    await operator.provider.send("hardhat_impersonateAccount", [admin]);
    const signer = new JsonRpcSigner(operator.provider, admin ?? "");
    const verifier = new Contract(contracts.verifier?.address ?? "", abiOf("ProofXVerifier"), signer);
    const grant = await verifier.grantRole?.(await verifier.SIGNER_ROLE?.(), deployer);
    await grant.wait();
    const { code, stdout } = await operator.type("deployment verify --network local");
    expect(stdout).to.contain("WRONG roles the deployer holds, from logs: expected none, got SIGNER_ROLE");
    expect(code).to.equal(1);
  });

  it("says so when another role governs one than the deployment's", async () => {
    const { address = "" } = state().contracts.verifier ?? {};
    // `adminRole` follows the holders in `AccessControlStorage._roles[SIGNER_ROLE]`.
    const roles = "0x02dd7bc7dec4dceedda775e58dd541e08a116c6c53815c0bd028192f7b626800";
    const role = keccak256(concat([id("SIGNER_ROLE"), roles]));
    const slot = toBeHex(BigInt(role) + 1n, 32);
    const put = (word: string) => operator.provider.send("hardhat_setStorageAt", [address, slot, word]);
    await put(id("POLICY_ROLE"));
    const { code, stdout } = await operator.type("deployment verify --network local");
    await put(ZeroHash);
    expect(stdout).to.contain("than was deployed: expected none, got verifier's SIGNER_ROLE by POLICY_ROLE");
    expect(code).to.equal(1);
  });

  it("refuses a deployment file of another chain", async () => {
    const good = state();
    save({ ...good, genesisHash: `0x${"11".repeat(32)}` });
    const refused = await operator.type("policy list --network local");
    save(good);
    expectRefused(refused, 2, "the development chain was started anew");
  });
});

describe("deploy on a public network", function () {
  this.timeout(120_000);

  let operator: Operator;
  const deploy = (file: string, more: string) =>
    operator.type(`deploy --network local --settings @${file} --key deployer ${more}`);

  before(async () => {
    operator = await startOperator({ accounts: DUTIES, chainId: 987_654 });
    writeFileSync(operator.path("deploy.toml"), settingsFor(operator.accounts));
  });

  after(() => operator?.close());

  it("refuses a verifier from the development setup", async () => {
    expectRefused(await deploy("deploy.toml", "--confirm local"), 3, "development");
  });

  it("refuses delays too short for anybody to answer", async () => {
    writeFileSync(operator.path("short.toml"), settingsFor(operator.accounts, { timelock_delay: "60" }));
    const refused = await deploy("short.toml", "--confirm local");
    expectRefused(refused, 2, "deploy.timelock_delay: expected at least 86400 s");
  });

  it("sends nothing until the network is confirmed by its name", async () => {
    const silent = await deploy("deploy.toml", "--allow-development-setup");
    expectRefused(silent, 3, "add --confirm local");
    const wrong = await deploy("deploy.toml", "--allow-development-setup --confirm mainnet");
    expectRefused(wrong, 2, "the network's name");
    expect(await operator.provider.getTransactionCount(operator.accounts.deployer ?? "")).to.equal(0);
  });

  it("deploys with the explicit override, and the file says that the setup is for development", async () => {
    const done = await deploy("deploy.toml", "--allow-development-setup --confirm local");
    expectOk(done);
    expect(done.stdout).to.contain("Development setup");
    const saved = JSON.parse(readFileSync(operator.path("deployments/local.json"), "utf8")) as Deployment;
    expect(saved.setup.development).to.equal(true);
  });

  it("sends no admin's call until the network is confirmed by its name", async () => {
    const register =
      "policy register --network local --policy config/policies/order-cap.toml --key policy-admin";
    expectRefused(await operator.type(register), 3, "add --confirm local");
    expect(await operator.provider.getTransactionCount(operator.accounts["policy-admin"] ?? "")).to.equal(0);
    expectOk(await operator.type(`${register} --confirm local`));
  });
});

/** Linking changes the metadata hash at the end of the code, whose length is in its last two bytes. */
function withoutMetadata(code: string): string {
  return code.slice(0, -4 - 2 * Number.parseInt(code.slice(-4), 16));
}

/** The file as a crash leaves it between sending the last contract's transaction and noting that it is in a block. */
async function interruptedBeforeItWasNoted({ provider }: Operator, done: Deployment) {
  const { handover: _handover, ...unfinished } = done;
  const { verifier, ...contracts } = done.contracts;
  const record = { ...(verifier as ContractRecord), blockNumber: 0 };
  const transaction = await provider.getTransaction(record.transactionHash);
  if (transaction === null) throw new Error("the verifier's transaction is not on the chain");
  const { type, nonce, gasLimit, maxFeePerGas, maxPriorityFeePerGas, data, value, chainId, signature, to } =
    transaction;
  const signed = {
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
  };
  const rawTransaction = Transaction.from(signed).serialized;
  return {
    ...unfinished,
    contracts,
    pending: { step: "0060-verifier-proxy", role: "verifier", record, rawTransaction },
  };
}
