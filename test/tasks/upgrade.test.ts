import { writeFileSync } from "node:fs";
import { expect } from "chai";
import { listOperations } from "../../src/chain/changes/index.ts";
import { connect } from "../../src/chain/contracts.ts";
import { creationCode } from "../../src/chain/deploy.ts";
import { implementationOf } from "../../src/chain/verify.ts";
import { deployedKey } from "../../src/ops/deployed-key.ts";
import { expectOk, expectRefused } from "../support/cli.ts";
import { DELAY, type Governed, startGoverned } from "../support/governed.ts";

describe("upgrades through the timelock", function () {
  this.timeout(240_000);

  let chain: Governed;
  before(async () => {
    chain = await startGoverned();
  });
  after(() => chain?.close());

  const next = "upgrade schedule --contract ProofXVerifierNext__Harness --deployer deployer --key admin";
  const runs = () => implementationOf(chain.provider, chain.deployment().contracts.verifier?.address ?? "");
  const operations = () => listOperations(chain.context());

  it("refuse an implementation that would misread the storage, before anything is deployed", async () => {
    const before = await chain.head();
    const broken = next.replace("Next__Harness", "BrokenStorage__Harness");
    const refused = await chain.onChain(broken);
    expectRefused(refused, 1, "New storage layout is incompatible");
    expect(refused.stderr).to.contain("somethingElse");
    expect(await chain.head()).to.equal(before);
  });

  it("refuse to compare storage with sources that are not what the proxy runs", async () => {
    const [reference, address] = await Promise.all([
      chain.onChain(`${next} --reference ProofXVerifierNext__Harness`),
      chain.onChain(`${next} --implementation #admin`),
    ]);
    expectRefused(reference, 1, "is not what");
    expectRefused(address, 1, "is not what ProofXVerifierNext__Harness compiles to here");
  });

  it("are tried whole on a fork: deployed, scheduled, waited for and executed", async () => {
    const [before, running] = [await chain.head(), await runs()];
    const dry = await chain.onChain(`${next} --dry-run`);
    expectOk(dry);
    expect(dry.stdout).to.contain(`later  the verifier's implementation: ${running} -> 0x`);
    expect(await chain.head()).to.equal(before);
    expect(await runs()).to.equal(running);
  });

  it("are deployed and scheduled once, however often the command is run", async () => {
    expectOk(await chain.onChain(next));
    const sent = await chain.head();
    const again = await chain.onChain(next);
    expectOk(again);
    expect(again.stdout).to.contain("Scheduled already, nothing sent");
    expect(await chain.head()).to.equal(sent);
    const [operation] = await operations();
    expect(operation?.state.name).to.equal("waiting");
    const { stdout } = await chain.onChain("upgrade list");
    expect(stdout)
      .to.contain(`${operation?.id}  waiting until`)
      .and.to.contain("verifier.upgradeToAndCall(newImplementation = 0x");
  });

  it("are refused while another one waits, which the storage was not compared with", async () => {
    const before = await chain.head();
    const second = await chain.onChain(next.replace("ProofXVerifierNext__Harness", "ProofXVerifier"));
    expectRefused(second, 3, "upgrades to another implementation");
    const [operation] = await operations();
    expect(second.stderr).to.contain(`upgrade cancel --operation ${operation?.id.slice(0, 10)}`);
    expect(await chain.head()).to.equal(before);
  });

  it("are not redirected by a deployment file that was edited", async () => {
    const file = chain.path("deployments/local.json");
    const honest = chain.deployment();
    const [name = "", record] = Object.entries(honest.later ?? {})[0] ?? [];
    const address = honest.contracts.registry?.address;
    writeFileSync(file, JSON.stringify({ ...honest, later: { [name]: { ...record, address } } }));
    const before = await chain.head();
    try {
      const redirected = await chain.onChain(next);
      expectRefused(redirected, 1, "is not what ProofXVerifierNext__Harness compiles to here");
    } finally {
      writeFileSync(file, JSON.stringify(honest));
    }
    expect(await chain.head()).to.equal(before);
  });

  it("are not executed early, by us or by the contract", async () => {
    const running = await runs();
    const early = await chain.onChain("upgrade execute --key admin");
    expectOk(early);
    expect(early.stdout).to.contain("is waiting until");
    expect(await raw()).to.contain("TimelockUnexpectedOperationState");
    expect(await runs()).to.equal(running);
  });

  it("cancelled, are not executed, and can be scheduled again", async () => {
    expectRefused(await chain.onChain("upgrade cancel --key guardian"), 3, "only the CANCELLER_ROLE may");
    expectOk(await chain.onChain("upgrade cancel --key admin"));
    await chain.passTime(DELAY);
    const [operation] = await operations();
    const gone = await chain.onChain(`upgrade execute --operation ${operation?.id} --key admin`);
    expectRefused(gone, 1, "it was cancelled");
    expectOk(await chain.onChain(next));
  });

  it("are executed when the delay is over, and the deployment file follows the proxy", async () => {
    await chain.passTime(DELAY - 3);
    const done = await chain.onChain("upgrade execute --key admin --wait");
    expectOk(done);
    expect(done.stdout).to.contain("the verifier's implementation: ");
    const record = chain.deployment().contracts.verifierImplementation;
    expect(record?.address).to.equal(await runs());
    expect(record?.artifact).to.contain("ProofXVerifierNext__Harness");
    const verified = await chain.onChain("deployment verify");
    expect(verified.stdout).to.contain("ok    the proxy runs the recorded implementation");
  });

  it("cannot be replayed: executed again, nothing is sent, and forced, the timelock refuses", async () => {
    const [operation] = await operations();
    const again = await chain.onChain(`upgrade execute --operation ${operation?.id} --key admin`);
    expectOk(again);
    expect(again.stdout).to.contain("Already so, nothing sent");
    expect(await raw()).to.contain("TimelockUnexpectedOperationState");
    expectRefused(
      await chain.onChain(`upgrade cancel --operation ${operation?.id} --key admin`),
      1,
      "executed already",
    );
  });

  /** What the timelock answers to an execution that is sent past our commands. */
  async function raw(): Promise<string> {
    const [operation] = await operations();
    const [call] = operation?.calls ?? [];
    const { timelock } = connect(chain.deployment(), await chain.impersonate(chain.account("admin")));
    const { predecessor = "", salt = "" } = operation ?? {};
    return timelock
      .execute(call?.to ?? "", 0, call?.data ?? "", predecessor, salt, { gasLimit: 500_000 })
      .then((sent) => sent.wait())
      .then(() => "executed", String);
  }
});

describe("circuit versions through the timelock", function () {
  this.timeout(240_000);

  let chain: Governed;
  before(async () => {
    chain = await startGoverned();
  });
  after(() => chain?.close());

  const status = async (version: number) =>
    Number((await chain.contracts().verifier.circuitVersion(version)).status);

  it("that are there already are not added again", async () => {
    const [same, half, nobody] = await Promise.all([
      chain.onChain("circuit-version add --key admin"),
      chain.onChain("circuit-version add --key admin --zkey @some.zkey"),
      chain.onChain("circuit-version add --out @never.json"),
    ]);
    expectOk(same);
    expect(same.stdout).to.contain("Already so").and.to.contain("1, active");
    expectRefused(half, 2, "--transcript: expected a file");
    expectRefused(nobody, 2, "--deployer: expected the name of a keystore key");
  });

  it("of another setup are deployed once and added by the admin, and let no proof in until the delay is over", async () => {
    // As if the deployment had begun with another setup than the one that is here.
    const file = chain.path("deployments/local.json");
    const begun = chain.deployment();
    const setup = { ...begun.setup, verificationKeyHash: `0x${"ab".repeat(32)}` };
    writeFileSync(file, JSON.stringify({ ...begun, setup }));
    const add = "circuit-version add --key admin --deployer deployer";
    const before = await chain.head();
    const dry = await chain.onChain(`${add} --dry-run`);
    expectOk(dry);
    expect(dry.stdout).to.contain("none -> 2, added");
    expect(await chain.head()).to.equal(before);

    const added = await chain.onChain(`${add} --json`);
    expectOk(added);
    expect(added.json<object>()).to.include({ status: "sent", version: 2 });
    const later = Object.entries(chain.deployment().later ?? {});
    expect(later.map(([name]) => name)).to.deep.equal([`circuitVerifier:${begun.setup.verificationKeyHash}`]);
    const sent = await chain.head();
    expectOk(await chain.onChain(add));
    expect(await chain.head()).to.equal(sent);

    const activate = "circuit-version activate --circuit-version 2 --key admin";
    expectOk(await chain.onChain(activate));
    expect(await status(2)).to.equal(1);
    await chain.passTime(DELAY);
    expectOk(await chain.onChain(activate));
    expect(await status(2)).to.equal(2);
  });

  it("are not added from an address that the deployment file was changed to", async () => {
    const file = chain.path("deployments/local.json");
    const honest = chain.deployment();
    const [name = "", record] = Object.entries(honest.later ?? {})[0] ?? [];
    const addFrom = async (address: string) => {
      writeFileSync(file, JSON.stringify({ ...honest, later: { [name]: { ...record, address } } }));
      return chain.onChain("circuit-version add --key admin --deployer deployer");
    };
    try {
      expectRefused(await addFrom(await verifierOfAnotherKey()), 1, "expected the key 0x");
      expectRefused(await addFrom(honest.contracts.policyHasher?.address ?? ""), 1, "Groth16Verifier");
    } finally {
      writeFileSync(file, JSON.stringify(honest));
    }
    expect(await chain.contracts().verifier.circuitVersionCount()).to.equal(2n);
  });

  /** What a thief deploys: our verifier, with a key that lets the thief's proofs in. */
  async function verifierOfAnotherKey(): Promise<string> {
    const key = await deployedKey(chain.contracts().circuitVerifier);
    const args = [{ ...key, alpha: key.ic[0] }];
    const thief = await chain.impersonate(chain.account("stranger"));
    const data = creationCode({ step: "", role: "circuitVerifier", artifact: "Groth16Verifier", args });
    const receipt = await (await thief.sendTransaction({ data })).wait();
    return receipt?.contractAddress ?? "";
  }

  it("are retired at once, and nothing brings one back", async () => {
    const retired = await chain.onChain("circuit-version retire --circuit-version 1 --as broken --key admin");
    expectOk(retired);
    expect(retired.stdout).to.contain("circuit version 1: active -> broken");
    const back = await chain.onChain("circuit-version activate --circuit-version 1 --key admin");
    expectRefused(back, 1, "is broken: nothing comes back");
    const milder = await chain.onChain(
      "circuit-version retire --circuit-version 1 --as superseded --key admin",
    );
    expectRefused(milder, 1, "cannot be taken back");
  });

  it("that were never added, and an address without code, are refused", async () => {
    const [unknown, empty] = await Promise.all([
      chain.onChain("circuit-version activate --circuit-version 9 --key admin"),
      chain.onChain("circuit-version add --verifier #stranger --key admin"),
    ]);
    expectRefused(unknown, 2, "expected the number of an added version");
    expectRefused(empty, 2, "expected the address of a deployed contract");
  });
});
