import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { upgrades as upgradesOf } from "@openzeppelin/hardhat-upgrades";
import { expect } from "chai";
import hre, { network } from "hardhat";
import { layoutOf, slotOf } from "../support/contracts/layout.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const COMMITTED = join(ROOT, "contracts/storage-layout.json");
const PROXIED = "contracts/compliance/ProofXVerifier.sol:ProofXVerifier";
/** Where each of our namespaces' constants is. */
const SOURCES: Readonly<Record<string, string>> = {
  "proofx.storage.CircuitVersions": "modules/CircuitVersions",
  "proofx.storage.PauseControl": "modules/PauseControl",
  "proofx.storage.PolicyBook": "modules/PolicyBook",
  "proofx.storage.ProofXVerifier": "ProofXVerifier",
  "proofx.storage.SignerTrust": "modules/SignerTrust",
};

describe("storage layout (INV-15)", () => {
  it("INV-15: is exactly the committed one, namespace by namespace and member by member", async () => {
    const layout = await layoutOf(PROXIED);
    const compiled = join(ROOT, "build/storage-layout.json");
    mkdirSync(join(ROOT, "build"), { recursive: true });
    writeFileSync(compiled, `${JSON.stringify(layout, null, 2)}\n`);
    expect(
      layout,
      "if members were only appended: cp build/storage-layout.json contracts/storage-layout.json",
    ).to.deep.equal(JSON.parse(readFileSync(COMMITTED, "utf8")));
    expect(layout.loose).to.deep.equal([]);
  });

  it("INV-15: every namespace begins where ERC-7201 says", async () => {
    const { namespaces } = await layoutOf(PROXIED);
    const ours = Object.keys(namespaces).filter((name) => name.startsWith("proofx."));
    expect(ours).to.have.members(Object.keys(SOURCES));
    for (const name of ours) {
      const source = readFileSync(join(ROOT, `contracts/compliance/${SOURCES[name]}.sol`), "utf8");
      const constants = [...source.matchAll(/_STORAGE = (0x[0-9a-f]{64});/g)].map(([, slot]) => slot);
      expect(constants, name).to.deep.equal([slotOf(name)]);
    }
  });

  it("INV-15: OpenZeppelin's validation takes the implementation, and refuses one whose storage moved", async () => {
    const connection = await network.create();
    const { ethers } = connection;
    const { validateImplementation, validateUpgrade } = await upgradesOf(hre, connection);
    const library = await (await ethers.deployContract("PoseidonT4")).getAddress();
    const current = await ethers.getContractFactory("ProofXVerifier", { libraries: { PoseidonT4: library } });
    const broken = await ethers.getContractFactory("ProofXVerifierBrokenStorage__Harness");
    await validateImplementation(current, { kind: "uups" });
    const fault = await validateUpgrade(current, broken, { kind: "uups" }).then(
      () => "accepted",
      (error: unknown) => String(error),
    );
    expect(fault).to.contain("New storage layout is incompatible");
  });
});
