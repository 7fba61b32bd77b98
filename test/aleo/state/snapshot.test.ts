import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { AleoLedger } from "../../../src/aleo/ledger.ts";
import { snapshot } from "../../../src/aleo/state/snapshot.ts";
import { UnavailableError } from "../../../src/core/errors.ts";

const PROGRAM = "agent_registry_v3.aleo";

/** A node that has lost its blocks and half of its routes; what it still answers is true. */
function failingNode(): AleoLedger {
  const gone = async () => {
    throw new UnavailableError("the node does not answer");
  };
  return {
    address: { host: "http://127.0.0.1:1", network: "testnet" },
    url: "http://127.0.0.1:1/testnet",
    latestBlock: gone,
    height: gone,
    edition: async () => 0,
    program: async () => `program ${PROGRAM};`,
    mapping: async (_program: string, mapping: string) => (mapping === "paused" ? "true" : undefined),
    balance: async () => 17n,
    block: gone,
  } as unknown as AleoLedger;
}

describe("A snapshot from a node that answers only in part", function () {
  this.timeout(30_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "proofx-aleo-"));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("holds what was answered, and names each part that is missing with its reason", async () => {
    const taken = await snapshot({ ledger: failingNode(), programs: [PROGRAM], folder, last: 3 });
    expect(taken.missing).to.deep.equal([
      "head: the node does not answer",
      "last transactions: the node does not answer",
      "state: the node does not answer",
    ]);
    expect(taken.summary[PROGRAM]).to.include({ paused: true, balance: "17", edition: 0 });
    expect(readdirSync(folder).sort()).to.deep.equal([`${PROGRAM}.txt`, "snapshot.json"]);
    const manifest = JSON.parse(readFileSync(join(folder, "snapshot.json"), "utf8"));
    expect(manifest.missing).to.deep.equal(taken.missing);
    expect(Object.keys(manifest.files)).to.deep.equal([`${PROGRAM}.txt`]);
  });
});
