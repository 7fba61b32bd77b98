import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { Interface } from "ethers";
import hre from "hardhat";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PAGE = readFileSync(join(ROOT, "docs/invariants.md"), "utf8");
/** The section that says who holds which invariant by a test of another kind than fuzzing. */
const TESTED = /`(test\/contracts\/[\w.-]+\.test\.ts)`/g;
const FUZZED = /`((?:invariant|testFuzz)_\w+)`/g;

/** Numbers that a test's name holds: `INV3` in Solidity, `INV-3` in TypeScript. */
function numbersIn(name: string): string[] {
  return [...name.matchAll(/INV-?(\d+)/g)].map(([, number]) => `INV-${number}`);
}

/** Sections of the page by number. */
function sections(): Map<string, string> {
  const parts = PAGE.split(/^## /m).slice(1);
  return new Map(
    parts.flatMap((part) => {
      const number = /^(INV-\d+): /.exec(part)?.[1];
      return number === undefined ? [] : [[number, part] as const];
    }),
  );
}

/** Names of all Solidity tests whose name begins with `prefix`. */
function solidityTests(prefix: string): string[] {
  return globSync("test/contracts/**/*.t.sol", { cwd: ROOT }).flatMap((file) =>
    [...readFileSync(join(ROOT, file), "utf8").matchAll(/function (\w+)\(/g)]
      .map(([, name = ""]) => name)
      .filter((name) => name.startsWith(prefix)),
  );
}

describe("docs/invariants.md", () => {
  it("numbers its invariants without a gap", () => {
    const numbers = [...sections().keys()];
    expect(numbers.length).to.be.greaterThan(10);
    expect(numbers).to.deep.equal(numbers.map((_, i) => `INV-${i + 1}`));
  });

  it("every invariant test names its number, and stands on the page under exactly the numbers that it names", () => {
    const onPage = [...sections()].flatMap(([number, text]) =>
      [...text.matchAll(FUZZED)].map(([, name]) => `${number} ${name}`),
    );
    const invariants = solidityTests("invariant");
    expect(invariants.filter((name) => numbersIn(name).length === 0)).to.deep.equal([]);
    const numbered = [...invariants, ...solidityTests("testFuzz_INV")];
    expect(numbered.flatMap((name) => numbersIn(name).map((number) => `${number} ${name}`))).to.have.members(
      onPage,
    );
  });

  it("every number has a fuzzed invariant, or a test that names it in its title", () => {
    for (const [number, text] of sections()) {
      const fuzzed = [...text.matchAll(FUZZED)];
      const files = [...text.matchAll(TESTED)].map(([, file = ""]) => file);
      const titles = files.map((file) => readFileSync(join(ROOT, file), "utf8"));
      const named = titles.filter((source) => new RegExp(`it\\("${number}: `).test(source));
      expect(fuzzed.length + named.length, number).to.be.greaterThan(0);
      expect(named.length, `${number}: a file it names`).to.equal(files.length);
    }
  });

  it("a stolen key tries every function of the contracts that can change something", async () => {
    const source = readFileSync(join(ROOT, "test/contracts/invariants/StateChangers.sol"), "utf8");
    const lists = source.split(/^ {4}function /m).slice(1);
    const contracts = ["ProofXVerifier", "AnchorRegistry", "TimelockController"];
    expect(lists.length).to.equal(contracts.length);
    for (const [i, contract] of contracts.entries()) {
      const listed = [...(lists[i] ?? "").matchAll(/\.(\w+)\.selector/g)].map(([, name]) => name);
      expect(listed, contract).to.have.members(await stateChangers(contract));
    }
  });
});

/** Functions that are not views; those that take in tokens answer anybody and change nothing. */
async function stateChangers(contract: string): Promise<string[]> {
  const { abi } = await hre.artifacts.readArtifact(contract);
  const functions: string[] = [];
  new Interface(abi as unknown as ConstructorParameters<typeof Interface>[0]).forEachFunction((each) => {
    if (!each.constant && !/^onERC\d+(Batch)?Received$/.test(each.name)) functions.push(each.name);
  });
  return functions;
}
