import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { compareFolder, writeFolder } from "../../../src/ops/render/compare.ts";

describe("a folder of renderings", () => {
  const files = [
    { path: "grafana/a.json", text: "1\n2\n3\n" },
    { path: "oz-monitor/monitors/base_paused.json", text: "{}\n" },
    { path: "alertmanager.yml", text: "x\n" },
  ];
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "proofx-renderings-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is made once; the same again changes nothing", () => {
    expect(writeFolder(folder, files).map(({ is }) => is)).to.deep.equal(["missing", "missing", "missing"]);
    expect(writeFolder(folder, files)).to.deep.equal([]);
    expect(readFileSync(join(folder, "grafana/a.json"), "utf8")).to.equal("1\n2\n3\n");
  });

  it("differs in the line that somebody changed, in what is gone and in what is left over", () => {
    writeFolder(folder, files);
    writeFileSync(join(folder, "grafana/a.json"), "1\n2!\n3\n");
    writeFileSync(join(folder, "grafana/gone-rule.json"), "{}");
    rmSync(join(folder, "alertmanager.yml"));
    expect(compareFolder(folder, files)).to.deep.equal([
      { path: "grafana/a.json", is: "changed", line: 2 },
      { path: "alertmanager.yml", is: "missing" },
      { path: "grafana/gone-rule.json", is: "left over" },
    ]);
    writeFolder(folder, files);
    expect(compareFolder(folder, files)).to.deep.equal([]);
    expect(existsSync(join(folder, "grafana/gone-rule.json"))).to.equal(false);
  });

  it("files that people keep beside the renderings, and another network's, stay", () => {
    writeFolder(folder, files);
    mkdirSync(join(folder, "prometheus"));
    for (const path of ["README.md", "oz-monitor/monitors/mainnet_paused.json"])
      writeFileSync(join(folder, path), "");
    expect(writeFolder(folder, files, "base_")).to.deep.equal([]);
    expect(existsSync(join(folder, "oz-monitor/monitors/mainnet_paused.json"))).to.equal(true);
  });
});
