import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect } from "chai";
import { differences } from "../../../src/aleo/state/compare.ts";
import { parseState, printState, readState, writeState } from "../../../src/aleo/state/state-file.ts";
import { makeV2, readV2File, V2, V2_FILE } from "./v2-fixture.ts";

describe("A file of Aleo state", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "proofx-aleo-"));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is named by the SHA-256 of what is in it, and reads back as it was", () => {
    const path = writeState(folder, makeV2());
    expect(basename(path)).to.equal(printState(makeV2()).name);
    expect([...differences(readState(path), makeV2())]).to.deep.equal([]);
    expect(statSync(path).mode & 0o777).to.equal(0o600);
  });

  it("is the committed one for the fixture", () => {
    expect(readFileSync(V2_FILE, "utf8")).to.equal(printState(makeV2()).text);
    expect(Object.keys(readV2File().programs[V2]?.mappings.agents ?? {})).to.have.length(13);
  });

  for (const [what, alter] of [
    ["a changed amount", (text: string) => text.replace("50000u64", "50001u64")],
    ["a dropped entry", dropAgent],
    ["another spelling", (text: string) => text.replace(/\n/g, "\n ")],
    ["another hash", (text: string) => text.replace(/"sha256": "\w/, '"sha256": "_')],
  ] as const) {
    it(`is refused with ${what}`, () => {
      const { text, name } = printState(makeV2());
      expect(alter(text)).not.to.equal(text);
      expect(() => parseState(alter(text), name)).to.throw();
      const words = what === "another spelling" ? "another spelling" : "its SHA-256 is";
      expect(() => parseState(alter(text), "copy.json")).to.throw(words);
    });
  }

  it("is refused whole but under the name of another state", () => {
    const path = join(folder, `aleo-testnet-1500-${"0".repeat(64)}.json`);
    writeFileSync(path, printState(makeV2()).text);
    expect(() => readState(path)).to.throw("its SHA-256 is");
  });

  it("keeps amounts beyond what a double holds", () => {
    const state = makeV2();
    const mappings = { totals: { "0u8": "18446744073709551615u64" } };
    const large = {
      ...state,
      programs: { [V2]: { edition: 0, owner: "", checksum: "", balance: "1", mappings } },
    };
    expect(parseState(printState(large).text, "x").programs[V2]?.mappings.totals?.["0u8"]).to.equal(
      "18446744073709551615u64",
    );
  });
});

describe("Two states", () => {
  it("are compared entry by entry, the first difference named by its member", () => {
    const left = makeV2();
    const text = printState(left).text.replaceAll("50000u64", "50001u64");
    const { sha256: _, ...right } = JSON.parse(text);
    expect([...differences(left, right)]).to.deep.equal([
      { place: `${V2}/agents[2001field].stake`, left: "50000u64", right: "50001u64" },
    ]);
  });

  it("differ in an entry that one of them lacks", () => {
    const { sha256: _, ...right } = JSON.parse(dropAgent(printState(makeV2()).text));
    const [first] = differences(makeV2(), right);
    expect(first?.place).to.equal(`${V2}/agents[2002field]`);
    expect(first?.right).to.equal(undefined);
  });
});

function dropAgent(text: string): string {
  const state = JSON.parse(text);
  delete state.programs[V2].mappings.agents["2002field"];
  return `${JSON.stringify(state, null, 1)}\n`;
}
