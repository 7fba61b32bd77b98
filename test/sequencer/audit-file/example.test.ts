import { readFileSync } from "node:fs";
import { expect } from "chai";
import { ROOT } from "../../../scripts/checks/support/process.ts";
import { parseVerifierKey } from "../../../src/core/log/index.ts";
import { checkAudit, parseAudit } from "../../../src/sequencer/audit-file/index.ts";

describe("The auditor's file in test/vectors/audit", () => {
  it("is read and holds as it did when it was written: files that auditors have stay readable", async () => {
    const page = readFileSync(`${ROOT}/docs/audit.md`, "utf8");
    const key = (option: string): string => new RegExp(`--${option} '([^']+)'`).exec(page)?.[1] ?? "";
    const file = parseAudit(readFileSync(`${ROOT}/test/vectors/audit/example.json`, "utf8"));
    const trust = {
      logKey: parseVerifierKey(key("log-key")),
      witnesses: [parseVerifierKey(key("witness"))],
    };
    const { holds, findings } = await checkAudit(file, trust, () => false);
    expect(findings.filter(({ status }) => status === "refused")).to.deep.equal([]);
    expect(holds).to.equal(true);
    expect(findings.map(({ what }) => what).join("\n"))
      .to.contain("sequence 5 is event 00000000-0000-4000-8000-000000000005")
      .and.to.contain("witness witness.example/one saw no other history");
  });
});
