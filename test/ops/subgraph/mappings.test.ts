import { readdirSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { abiOf } from "../../../src/chain/artifacts.ts";
import { testSubgraph } from "../../../src/ops/subgraph/tests.ts";
import { needsGnd } from "./support.ts";

const CONTRACTS = ["ProofXVerifier", "AnchorRegistry", "TimelockController"] as const;

/** `Name(indexed type,type)`, as a manifest names an event. */
function eventsOf(contract: (typeof CONTRACTS)[number]): string[] {
  const events: string[] = [];
  abiOf(contract).forEachEvent(({ name, inputs }) => {
    events.push(
      `${name}(${inputs.map((input) => (input.indexed ? "indexed " : "") + input.type).join(",")})`,
    );
  });
  return events.sort();
}

describe("the subgraph's mappings", function () {
  this.timeout(400_000);

  it("have a handler for every event of every contract, and none for another", () => {
    const manifest = readFileSync("subgraph/subgraph.yaml", "utf8");
    const sources = manifest.split("- kind: ethereum\n").slice(1);
    for (const contract of CONTRACTS) {
      const source = sources.find((text) => text.includes(`name: ${contract}\n`)) ?? "";
      const handled = [...source.matchAll(/- event: (.*)/g)].map(([, event = ""]) => event.trim());
      expect(handled.sort(), contract).to.deep.equal(eventsOf(contract));
    }
  });

  it("have a test for every event", () => {
    const tests = readdirSync("subgraph/tests").map((file) => readFileSync(`subgraph/tests/${file}`, "utf8"));
    const tested = new Set(
      tests.flatMap((text) => [...text.matchAll(/"event": "(\w+)\(/g)].map(([, name]) => name)),
    );
    const missing = CONTRACTS.flatMap((contract) =>
      eventsOf(contract).filter((event) => !tested.has(event.split("(")[0])),
    );
    expect(missing).to.deep.equal([]);
  });

  it("turn events into what they say, in a graph-node's own store", async function () {
    needsGnd(this);
    const { passed, failed, output } = await testSubgraph();
    expect([passed, failed], output).to.deep.equal([4, 0]);
  });
});
