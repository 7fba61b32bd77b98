import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { KnownCommands } from "../../scripts/checks/commands/known.ts";
import { countsOf, coveragePage, withoutPlaces } from "../../scripts/checks/coverage/page.ts";
import { Places } from "../../scripts/checks/coverage/places.ts";
import { type CoverageRow, readRows } from "../../scripts/checks/coverage/rows.ts";
import { rowFaults } from "../../scripts/checks/coverage.ts";
import { plant } from "./planted.ts";

const known: KnownCommands = new Map([
  ["proofx backup", { options: new Set<string>(), takesWords: false, group: true }],
  ["proofx backup list", { options: new Set(["config"]), takesWords: false, group: false }],
  ["hardhat pause", { options: new Set(["network"]), takesWords: false, group: false }],
]);
const ROW = { seed: "003", section: "Daily tasks", theirs: "aws s3 ls" };

describe("the coverage of the manuals", () => {
  const faults = (row: Partial<CoverageRow>) =>
    rowFaults({ ...ROW, ...row }, known, 'server.get("/v1/keys")').join();

  it("a row is mapped, or has a reason, or is open: one of them", () => {
    expect(faults({})).to.contain("expected one of");
    expect(faults({ ours: ["npx proofx backup list"], open: "later" })).to.contain("expected one of");
    for (const row of [
      { reason: "no Redis" },
      { open: "custody" },
      { ours: ["npx proofx backup list --config FILE"] },
    ])
      expect(faults(row)).to.equal("");
  });

  it("ours has to exist, with its options; and a call has to be a route", () => {
    expect(faults({ ours: ["npx proofx backup lists"] })).to.contain("has no lists");
    expect(faults({ ours: ["npx proofx backup list --all"] })).to.contain("no option --all");
    expect(faults({ ours: ["./backup.sh"] })).to.contain("expected npx hardhat");
    expect(faults({ ours: ["GET /v1/key"] })).to.contain("no service has");
    expect(faults({ ours: ["GET /v1/keys"] })).to.equal("");
    expect(faults({ ours: ["GET /v1/keys"], where: "test/none.test.ts" })).to.contain("does not exist");
  });

  it("what counts as run is run: no --help, no block that is not run, no prose", () => {
    const root = mkdtempSync(join(tmpdir(), "proofx-coverage-"));
    try {
      mkdirSync(join(root, "docs"));
      const write = (name: string, text: string): void => writeFileSync(join(root, "docs", name), text);
      write("a.md", "Say `npx hardhat pause --network x`.\n```sh no-run=later\nnpx hardhat pause\n```\n");
      write("b.md", "```sh\nnpx hardhat pause --help\ncurl -s $U/v1/stores/$S/keys\n```\n");
      write("c.md", "```sh timeout=9\nnpx hardhat pause --network x\n```\n");
      const places = (...names: string[]) =>
        new Places(
          root,
          names.map((name) => `docs/${name}`),
          known,
        );
      expect(places("a.md", "b.md").ofCommand("hardhat pause")).to.equal(undefined);
      expect(places("a.md", "b.md", "c.md").ofCommand("hardhat pause")).to.equal("docs/c.md");
      expect(places("a.md", "b.md").ofCall("/v1/stores/:store/keys")).to.equal("docs/b.md");
      expect(places("a.md", "b.md").ofCall("/v1/stores/:store/key")).to.equal(undefined);
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it("neither does a comment or a title of a test, nor a comment of a block", () => {
    using tree = plant({
      "docs/a.md": "```sh\n# npx hardhat pause, GET /v1/keys\n```\n",
      "test/tasks/b.test.ts":
        '// hardhat(`pause --network x`), /v1/keys\nit("pause by GET /v1/keys", () => {});\n',
      "test/tasks/c.test.ts": 'it("stops", () => hardhat("pause --network x"));\n',
      "test/tasks/d.test.ts": 'it("asks", () => fetch("/v1/keys"));\n',
    });
    const places = new Places(tree.root, tree.files, known);
    expect(places.ofCommand("hardhat pause")).to.equal("test/tasks/c.test.ts");
    expect(places.ofCall("/v1/keys")).to.equal("test/tasks/d.test.ts");
  });

  it("the page is of its rows: which are run, how many, but not where", () => {
    const row = { ...ROW, ours: ["npx proofx backup list"] };
    const page = (where?: string): string => withoutPlaces(coveragePage([{ row, where: [where] }]));
    expect(page("docs/a.md")).to.equal(page("test/cli/b.test.ts"));
    expect(page("docs/a.md")).to.not.equal(page());
    const counts = (where?: string) => page(where).match(/^\| all .*$/m)?.[0];
    expect(counts("docs/a.md")).to.not.equal(counts());
    const other = { ...row, theirs: "aws s3 cp a | b" };
    expect(withoutPlaces(coveragePage([{ row: other, where: [undefined] }]))).to.not.equal(page());
    expect(countsOf([{ row, where: [undefined] }])).to.include({ all: 1, mapped: 1, executed: 0 });
  });

  it("each of the five manuals has rows", () => {
    const seeds = new Set(readRows(".").map(({ seed }) => seed));
    expect([...seeds].sort()).to.deep.equal(["000", "001", "002", "003", "004"]);
  });
});
