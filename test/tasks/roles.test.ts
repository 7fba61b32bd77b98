import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { connect } from "../../src/chain/contracts.ts";
import { expectOk, expectRefused } from "../support/cli.ts";
import { type Governed, startGoverned } from "../support/governed.ts";

describe("roles", function () {
  this.timeout(240_000);

  let chain: Governed;
  before(async () => {
    chain = await startGoverned();
  });
  after(() => chain?.close());

  const holds = async (role: "SIGNER_ROLE" | "UPGRADER_ROLE", name: string) => {
    const { verifier } = chain.contracts();
    return verifier.hasRole(await verifier[role](), chain.account(name));
  };

  it("are tried on a fork of the network in a dry run, and the network never hears of it", async () => {
    const before = await chain.head();
    const dry = await chain.onChain("roles grant --role signer --account #stranger --dry-run");
    expectOk(dry);
    expect(dry.stdout)
      .to.contain("Dry run on a fork of local at block")
      .and.to.contain("nothing sent to local")
      .and.to.contain(`SIGNER_ROLE of ${chain.account("stranger")}: not held -> held`);
    expect(await chain.head()).to.equal(before);
    expect(await holds("SIGNER_ROLE", "stranger")).to.equal(false);
  });

  it("are granted with the call and the expected change shown first, and checked on the chain afterwards", async () => {
    const granted = await chain.onChain("roles grant --role signer --account #stranger --key admin");
    expectOk(granted);
    expect(granted.stderr).to.contain("grantRole(bytes32,address)").and.to.contain("role = SIGNER_ROLE");
    expect(granted.stdout).to.contain(`SIGNER_ROLE of ${chain.account("stranger")}: not held -> held`);
    expect(await holds("SIGNER_ROLE", "stranger")).to.equal(true);
  });

  it("say that it is so already when a command is run again, and send nothing", async () => {
    const before = await chain.head();
    const again = await chain.onChain(
      "roles grant --role SIGNER_ROLE --account #stranger --key admin --json",
    );
    expectOk(again);
    expect(again.json<object>()).to.include({ status: "already", role: "SIGNER_ROLE" });
    expect(await chain.head()).to.equal(before);
  });

  it("are written unsigned for an admin elsewhere: what is in the file is what the chain is sent", async () => {
    const revoke = "roles revoke --role signer --account #stranger";
    expectOk(await chain.onChain(`${revoke} --out @revoke.json`));
    const { from, calls } = JSON.parse(readFileSync(chain.path("revoke.json"), "utf8"));
    const safe = JSON.parse(readFileSync(chain.path("revoke.safe.json"), "utf8"));
    expect(from).to.equal(chain.account("admin"));
    expect(safe.transactions[0]).to.include({ to: calls[0].to, data: calls[0].data });

    const sent = await chain.onChain(`${revoke} --key admin --json`);
    expectOk(sent);
    const { transactionHash } = sent.json<{ transactionHash: string }>();
    const transaction = await chain.provider.getTransaction(transactionHash);
    expect(transaction?.data).to.equal(calls[0].data);
    expect(transaction?.to).to.equal(calls[0].to);
    expect(await holds("SIGNER_ROLE", "stranger")).to.equal(false);
  });

  it("that belong to the timelock are refused to the admin, with the way there is", async () => {
    const [refused, circuit] = await Promise.all([
      chain.onChain("roles grant --role UPGRADER --account #admin --key admin"),
      chain.onChain("roles grant --role CIRCUIT --account #admin --out @never.json"),
    ]);
    expectRefused(refused, 3, "only the timelock may");
    expect(refused.stderr).to.contain("Next: add --schedule");
    expectRefused(circuit, 3, "add --schedule");
    expect(await holds("UPGRADER_ROLE", "admin")).to.equal(false);
  });

  it("are not granted by anybody else, nor under a name that no role has, and the refusal says who may", async () => {
    const grant = "roles grant --account #stranger --role";
    const [stranger, admin, unknown] = await Promise.all([
      chain.onChain(`${grant} signer --key stranger`),
      chain.onChain(`${grant} DEFAULT_ADMIN_ROLE --key admin`),
      chain.onChain(`${grant} root --key admin`),
    ]);
    expectRefused(stranger, 3, "only the default admin may");
    expect(stranger.stderr).to.contain(chain.account("admin"));
    expectRefused(admin, 2, "the default admin changes by a transfer");
    expectRefused(unknown, 2, "expected one of SIGNER_ROLE");
  });

  it("refuse a deployment file of another chain", async () => {
    const file = chain.path("deployments/local.json");
    const good = readFileSync(file, "utf8");
    writeFileSync(file, JSON.stringify({ ...JSON.parse(good), chainId: "1" }));
    const refused = await chain.onChain("roles grant --role signer --account #stranger --key admin");
    writeFileSync(file, good);
    expectRefused(refused, 2, "expected a deployment on chain 31337");
  });

  it("of the admin pass on both contracts, and are not accepted a second early", async () => {
    expectOk(await chain.onChain("roles transfer-admin --to #stranger --key admin"));
    const listed = await chain.onChain("roles list --json");
    const { transfers } = listed.json<{ transfers: { newAdmin: string; acceptableFrom: string }[] }>();
    expect(transfers.map(({ newAdmin }) => newAdmin)).to.deep.equal(Array(2).fill(chain.account("stranger")));
    const times = transfers.map(({ acceptableFrom }) => Number(acceptableFrom)).sort();
    const [first = 0, last = 0] = times;

    await chain.provider.send("evm_setNextBlockTimestamp", [first - 1]);
    const early = await chain.onChain("roles accept-admin --key stranger");
    expectRefused(early, 3, `cannot be accepted before ${new Date(first * 1000).toISOString()}`);
    const { verifier } = chain.contracts();
    const stranger = await chain.impersonate(chain.account("stranger"));
    const forced = connect(chain.deployment(), stranger).verifier.acceptDefaultAdminTransfer({
      gasLimit: 200_000,
    });
    const failure = await forced.then((sent) => sent.wait()).catch((error: unknown) => error);
    expect(String(failure)).to.contain("AccessControlEnforcedDefaultAdminDelay");

    expectRefused(
      await chain.onChain("roles accept-admin --key guardian"),
      3,
      `not for ${chain.account("guardian")}`,
    );
    await chain.provider.send("evm_setNextBlockTimestamp", [last]);
    await chain.provider.send("evm_mine", []);
    expectOk(await chain.onChain("roles accept-admin --key stranger"));
    expect(await verifier.defaultAdmin()).to.equal(chain.account("stranger"));
    expect(await chain.contracts().registry.defaultAdmin()).to.equal(chain.account("stranger"));
  });

  it("of the timelock do not follow the admin, and verifying the deployment says so until they do", async () => {
    const { code, stdout } = await chain.onChain("deployment verify");
    expect(code).to.equal(1);
    expect(stdout).to.contain(
      `WRONG timelock, PROPOSER_ROLE, from logs: expected ${chain.account("stranger").toLowerCase()}`,
    );
    expect(stdout).to.contain("ok    verifier's default admin");
  });
});

describe("roles on a public network", function () {
  this.timeout(120_000);

  let chain: Governed;
  before(async () => {
    chain = await startGoverned({ chainId: 987_654 });
  });
  after(() => chain?.close());

  const grant = "roles grant --role signer --account #stranger";

  it("are not changed until the network is confirmed by its name", async () => {
    const before = await chain.head();
    expectRefused(await chain.onChain(`${grant} --key admin`), 3, "was not confirmed");
    expectRefused(
      await chain.onChain(`${grant} --key admin --confirm sepolia`),
      2,
      'the network\'s name "local"',
    );
    expect(await chain.head()).to.equal(before);
    expectOk(await chain.onChain(`${grant} --key admin --confirm local`));
  });

  it("are tried on a fork without confirmation: nothing happens to the network", async () => {
    const before = await chain.head();
    const dry = await chain.onChain("roles revoke --role signer --account #stranger --dry-run --json");
    expectOk(dry);
    expect(dry.json<object>()).to.deep.include({ status: "simulated", from: chain.account("admin") });
    expect(await chain.head()).to.equal(before);
  });
});
