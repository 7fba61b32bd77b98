import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { artifact } from "../../src/chain/artifacts.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import type { Setup } from "../../src/setup/index.ts";
import { makePtau } from "../setup/support/small.ts";
import { expectOk, expectRefused, type Operator, settingsFor, startOperator } from "../support/cli.ts";

const DUTIES = ["deployer", "admin", "guardian", "signer", "policy-admin"];
const MODULUS = BigInt("0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47");

describe("ceremony", function () {
  this.timeout(240_000);

  let operator: Operator;
  let made: Pick<Setup, "zkey" | "development" | "verificationKeyHash"> & { transcript: string };

  before(async () => {
    operator = await startOperator({ accounts: DUTIES });
    const setup = await operator.type("ceremony setup --json");
    expectOk(setup);
    made = setup.json();
  });

  after(() => operator?.close());

  it("setup says that the development powers of tau are for development", async () => {
    const setup = await operator.type("ceremony setup");
    expectOk(setup);
    expect(setup.stdout)
      .to.contain("dev_12.ptau (development)")
      .and.contain("FOR DEVELOPMENT: whoever made these powers of tau can forge proofs")
      .and.contain(made.verificationKeyHash);
    expect(made.development).to.equal(true);
  });

  for (const [given, missing] of [
    ["zkey", "transcript"],
    ["transcript", "zkey"],
  ] as const) {
    it(`verify refuses a ${given} without its ${missing}`, async () => {
      const refused = await operator.type(`ceremony verify --${given} ${made[given]}`);
      expectRefused(refused, 2, `--${missing}: expected a file, as --${given} is given: both are needed`);
    });
  }

  it("verify judges powers of tau of unknown origin instead of refusing them, and runs no phase 2", async () => {
    const { ptau } = await makePtau(operator.folder, 4);
    const judged = await operator.type(
      `ceremony verify --zkey ${made.zkey} --transcript ${made.transcript} --ptau ${ptau}`,
    );
    expect(judged.stdout)
      .to.contain("first wrong: powers of tau are those of the transcript")
      .and.contain("OF UNKNOWN ORIGIN: whoever made these powers of tau can forge proofs");
    expect(judged.stderr).not.to.contain("setup 1/");
    expect(judged.code).to.equal(1);
  });

  describe("verify --network, after a deployment,", () => {
    before(async () => {
      writeFileSync(operator.path("deploy.toml"), settingsFor(operator.accounts));
      expectOk(await operator.type("deploy --network local --settings @deploy.toml --key deployer"));
    });

    it("finds a deployed verifier whose key has one other point", async () => {
      const file = operator.path("deployments/local.json");
      const deployment = JSON.parse(readFileSync(file, "utf8")) as Deployment;
      const { circuitVerifier } = deployment.contracts;
      const address = await deployOtherKey(operator, circuitVerifier?.constructorArgs ?? "");
      const changed = { ...deployment.contracts, circuitVerifier: { ...circuitVerifier, address } };
      writeFileSync(file, JSON.stringify({ ...deployment, contracts: changed }));
      const judged = await operator.type("ceremony verify --network local");
      expect(judged.stdout)
        .to.contain("first wrong: deployed key")
        .and.contain("ok    contribution chain")
        .and.contain("FOR DEVELOPMENT: whoever made these powers of tau can forge proofs")
        .and.contain("phase 2 had one contributor: everybody trusts that party alone")
        .and.match(/WRONG deployed key: expected ic\[3\]\.y = \d+, got ic\[3\]\.y = \d+/);
      expect(judged.code).to.equal(1);
    });
  });
});

/** Deploys a verifier with the same key but the negative of its point IC3, which is on the curve too. */
async function deployOtherKey(operator: Operator, constructorArgs: string): Promise<string> {
  const words = constructorArgs.slice(2).match(/.{64}/g) ?? [];
  const at = words.length - 3;
  words[at] = (MODULUS - BigInt(`0x${words[at]}`)).toString(16).padStart(64, "0");
  const bank = await operator.provider.getSigner(0);
  const data = `${artifact("Groth16Verifier").bytecode}${words.join("")}`;
  const receipt = await (await bank.sendTransaction({ data })).wait();
  return receipt?.contractAddress ?? "";
}
