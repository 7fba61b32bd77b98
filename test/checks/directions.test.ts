import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { findBreaches } from "../../scripts/checks/directions.ts";
import { ROOT } from "../../scripts/checks/support/process.ts";
import { faultLine, repositoryFiles } from "../../scripts/checks/support/sources.ts";

describe("import directions", () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "proofx-directions-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** The breaches of one planted file, as `line rule`. */
  function breaches(file: string, ...lines: string[]): string[] {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    writeFileSync(join(root, file), `${lines.join("\n")}\n`);
    return findBreaches(root, [file]).map((fault) => `${fault.line} ${fault.rule}`);
  }

  describe("are refused", () => {
    const planted: [what: string, file: string, line: string, rule: string][] = [
      ["core importing keys", "src/core/a.ts", 'import { k } from "../keys/k.ts";', "layers"],
      [
        "core importing a type of a domain",
        "src/core/a.ts",
        'import type { P } from "../compliance/p.ts";',
        "layers",
      ],
      ["keys importing chain", "src/keys/a.ts", 'import "../chain/c.ts";', "layers"],
      ["a domain importing ops", "src/setup/a.ts", 'export { o } from "../ops/o.ts";', "layers"],
      ["ops importing services", "src/ops/a.ts", 'export * from "../services/s.ts";', "layers"],
      ["services importing the command", "src/services/a.ts", 'import "../cli/main.ts";', "layers"],
      ["src importing tasks", "src/chain/a.ts", 'const t = await import("../../tasks/t.ts");', "layers"],
      ["src importing scripts", "src/setup/a.ts", "const t = import(`../../scripts/x.ts`);", "layers"],
      ["src importing tests", "src/setup/a.ts", 'type T = import("../../test/t.ts").T;', "layers"],
      ["scripts/deploy importing tasks", "scripts/deploy/a.ts", 'import "../../tasks/t.ts";', "layers"],
      ["a new folder importing anything", "src/novel/a.ts", 'import "../core/a.ts";', "layers"],
      ["a domain importing a domain", "src/setup/a.ts", 'import "../compliance/p.ts";', "domains-apart"],
      ["the log importing facts", "src/core/log/a.ts", 'import "../facts/f.ts";', "siblings-apart"],
      ["sdk importing chain", "src/sdk/a.ts", 'import "../chain/c.ts";', "sdk-alone"],
      ["Hardhat in src", "src/chain/a.ts", 'import hre from "hardhat";', "no-hardhat-in-src"],
      [
        "a Hardhat type in src",
        "src/ops/a.ts",
        'import type { T } from "hardhat/types/hre";',
        "no-hardhat-in-src",
      ],
      ["a Hardhat plugin in src", "src/chain/a.ts", 'import "@nomicfoundation/x";', "no-hardhat-in-src"],
      ["a Node built-in in core", "src/core/a.ts", 'import { join } from "node:path";', "browser-safe"],
      ["an unprefixed built-in in core", "src/core/a.ts", 'import fs from "fs/promises";', "browser-safe"],
      ["an unlisted package in core", "src/core/a.ts", 'import x from "@scope/pkg/deep.js";', "browser-safe"],
      ["Buffer in core", "src/core/a.ts", 'export const b = Buffer.from("aa");', "browser-safe"],
      ["require in core", "src/core/a.ts", 'const x = require("node:fs");', "browser-safe"],
      [
        "what one command needs, loaded with all",
        "src/cli/commands/a.ts",
        'import { openStore } from "../../sequencer/a.ts";',
        "late",
      ],
      ["a generated type as a value", "tasks/a.ts", 'import { F } from "../build/types/f.js";', "types-only"],
      [
        "a computed import in src",
        "src/chain/a.ts",
        "export const f = (n: string) => import(n);",
        "computed-import",
      ],
      [
        "a required domain",
        "src/setup/a.ts",
        'createRequire(import.meta.url)("../custody/c.ts");',
        "domains-apart",
      ],
    ];
    for (const [what, file, line, rule] of planted) {
      it(`${what}: ${rule}`, () => {
        expect(breaches(file, "// one", "", line)).to.deep.equal([`3 ${rule}`]);
      });
    }

    it("a module loaded through a variable that createRequire made", () => {
      const lines = ["const load = createRequire(import.meta.url);", 'load("../custody/c.ts");'];
      expect(breaches("src/setup/a.ts", ...lines)).to.deep.equal(["2 domains-apart"]);
    });

    it("with file, line, rule and what would be allowed", () => {
      mkdirSync(join(root, "src/sdk"), { recursive: true });
      writeFileSync(join(root, "src/sdk/a.ts"), '\nimport "../keys/k.ts";\n');
      const [fault] = findBreaches(root, ["src/sdk/a.ts"]);
      expect(fault === undefined ? "" : faultLine(fault)).to.equal(
        "src/sdk/a.ts:2  sdk-alone: src/sdk may not import src/keys/k.ts; it stands on src/core",
      );
    });
  });

  describe("allow", () => {
    const planted: [what: string, file: string, line: string][] = [
      ["a domain on core", "src/compliance/a.ts", 'import { a } from "../core/a.ts";'],
      ["a domain on a Node built-in", "src/compliance/a.ts", 'import { join } from "node:path";'],
      ["core on a browser-safe package", "src/core/a.ts", 'import { sha256 } from "@noble/hashes/sha2.js";'],
      ["a property that is called Buffer", "src/core/a.ts", "export const b = view.Buffer;"],
      ["a generated type", "src/chain/a.ts", 'import type { F } from "../../build/types/f.js";'],
      ["generated types, each marked", "src/chain/a.ts", 'import { type F } from "../../build/types/f.js";'],
      ["tasks on a domain, lazily", "tasks/a.ts", 'const x = () => import("../src/setup/s.ts");'],
      [
        "tests on anything",
        "test/core/a.test.ts",
        'import "../../src/core/a.ts"; import "../../tasks/t.ts";',
      ],
    ];
    for (const [what, file, line] of planted) {
      it(what, () => {
        expect(breaches(file, line)).to.deep.equal([]);
      });
    }
  });

  it("hold in this repository", async () => {
    const files = await repositoryFiles(ROOT);
    expect(files).to.include("scripts/checks/directions.ts");
    expect(findBreaches(ROOT, files).map(faultLine)).to.deep.equal([]);
  });
});
