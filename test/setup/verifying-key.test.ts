import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect } from "chai";
import { AbiCoder, keccak256 } from "ethers";
import { zKey } from "snarkjs";
import { CheckError } from "../../src/core/errors.ts";
import { compileCircuit } from "../../src/setup/compile.ts";
import { exportVerificationKey, toSolidity, verificationKeyHash } from "../../src/setup/index.ts";
import { newKey } from "../../src/setup/phase2.ts";
import { keepWorkers, type Small, small } from "./support/small.ts";

const KEY_TYPE =
  "tuple(uint256[2] alpha, uint256[2][2] beta, uint256[2][2] gamma, uint256[2][2] delta, uint256[2][5] ic)";

describe("The verification key for Solidity", function () {
  this.timeout(60_000);
  keepWorkers();
  let given: Small;
  before(async () => {
    given = await small();
  });

  it("has every coordinate where snarkjs's own Solidity verifier has it", async () => {
    const template = join(
      createRequire(import.meta.url).resolve("snarkjs"),
      "../../templates/verifier_groth16.sol.ejs",
    );
    const source: string = await zKey.exportSolidityVerifier(given.setup.zkey, {
      groth16: await readFile(template, "utf8"),
    });
    const constant = (name: string): bigint => {
      const found = source.match(new RegExp(`constant ${name}\\s*=\\s*(\\d+);`))?.[1];
      if (found === undefined) throw new Error(`no constant ${name}`);
      return BigInt(found);
    };
    const g2 = (name: string): bigint[][] => [
      [constant(`${name}x1`), constant(`${name}x2`)],
      [constant(`${name}y1`), constant(`${name}y2`)],
    ];
    expect(given.setup.verifyingKey).to.deep.equal({
      alpha: [constant("alphax"), constant("alphay")],
      beta: g2("beta"),
      gamma: g2("gamma"),
      delta: g2("delta"),
      ic: [0, 1, 2, 3, 4].map((i) => [constant(`IC${i}x`), constant(`IC${i}y`)]),
    });
  });

  it("is named by the hash of its ABI encoding", () => {
    const encoded = AbiCoder.defaultAbiCoder().encode([KEY_TYPE], [given.setup.verifyingKey]);
    expect(given.setup.verificationKeyHash).to.equal(keccak256(encoded));
  });

  it("is the same when it is read from a chain, as ethers decodes it", () => {
    const coder = AbiCoder.defaultAbiCoder();
    const [decoded] = coder.decode([KEY_TYPE], coder.encode([KEY_TYPE], [given.setup.verifyingKey]));
    expect(verificationKeyHash(decoded)).to.equal(given.setup.verificationKeyHash);
  });

  it("is also written as the JSON that snarkjs reads", async () => {
    const json = JSON.parse(await readFile(given.setup.verificationKeyFile, "utf8"));
    expect(json).to.deep.equal(await zKey.exportVerificationKey(given.setup.zkey));
    expect(toSolidity(await exportVerificationKey(given.setup.zkey))).to.deep.equal(given.setup.verifyingKey);
  });

  it("is refused for a circuit without exactly four public signals", async () => {
    const source = new URL("./fixtures/three.circom", import.meta.url).pathname;
    const { r1cs } = await compileCircuit("three", { source });
    const zkey = join(given.folder, "three.zkey");
    await newKey(r1cs, given.ptau, zkey);
    const outcome = await exportVerificationKey(zkey).catch((error: unknown) => error);
    expect(outcome).to.be.instanceOf(CheckError);
    expect(String(outcome)).to.match(/four public signals/);
  });
});
