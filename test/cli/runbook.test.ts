import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RULES } from "../../src/ops/monitors/index.ts";

const folder = mkdtempSync(join(tmpdir(), "proofx-runbook-"));
const proofx = (...args: readonly string[]) =>
  spawnSync(process.execPath, ["src/cli/main.ts", "runbook", ...args], {
    encoding: "utf8",
    input: "",
    env: { ...process.env, WORK: folder },
  });

describe("proofx runbook", () => {
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("lists a page for every rule, with its severity", () => {
    const { status, stdout } = proofx("list", "--json");
    assert.equal(status, 0);
    const { runbooks } = JSON.parse(stdout) as {
      runbooks: { name: string; kind: string; severity?: string }[];
    };
    for (const { id, severity } of RULES) {
      const page = runbooks.find(({ name }) => name === id);
      assert.deepEqual([page?.kind, page?.severity], ["rule", severity], id);
    }
  });

  it("shows a page with its steps numbered, whatever the case of its name, and says what is alike", () => {
    const { stdout } = proofx("show", "certificateexpiring");
    assert.match(stdout, /Wants: CERTIFICATE/);
    assert.match(stdout, /Step 2:\n```sh/);
    const { status, stderr } = proofx("show", "certificate");
    assert.equal(status, 2);
    assert.match(stderr, /perhaps CertificateExpiring/);
  });

  it("runs nothing without its inputs, and nothing that may change something unasked", () => {
    assert.equal(proofx("run", "CertificateExpiring").status, 2);
    const inputs = ["CERTIFICATE", "CERTIFICATE_KEY", "AUTHORITY", "EDGE", "NGINX_CONF"];
    const set = inputs.flatMap((name) => ["--set", `${name}=${join(folder, "none")}`]);
    const { status, stderr } = proofx("run", "CertificateExpiring", "--step", "2", ...set);
    assert.equal(status, 3);
    assert.match(stderr, /nobody is at the terminal/);
  });

  it("runs a step that is allowed, records it, and ends with 1 at one that fails", () => {
    const record = join(folder, "record.ndjson");
    const run = (step: string, certificate: string) =>
      proofx(
        ...["run", "DiskFilling", "--step", step, "--yes", "--record", record, "--json"],
        ...["--set", `FOLDER=${certificate}`, "LIMIT=0"],
      );
    assert.equal(run("1", folder).status, 0);
    assert.equal(run("1", join(folder, "none")).status, 1);
    const lines = readFileSync(record, "utf8").trim().split("\n");
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { runbook: string; exitCode: number }).exitCode),
      [0, 1],
    );
  });

  it("ends with 1 when what a diagnosis saw is not what its page shows, and names the step", () => {
    const run = (limit: string) =>
      proofx("run", "DiskFilling", "--step", "1", "--set", `FOLDER=${folder}`, `LIMIT=${limit}`);
    assert.equal(run("0").status, 0);
    const { status, stdout } = run("-1");
    assert.equal(status, 1);
    assert.match(stdout, /not as the page shows: step 1/);
  });

  it("runs nothing where a place that the steps use is not named, and says which, and how", () => {
    const { NETWORK: _, ...env } = process.env;
    const words = ["src/cli/main.ts", "runbook", "run", "Paused"];
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8", input: "", env });
    assert.equal(status, 2);
    assert.match(stderr, /expected NETWORK/);
    assert.match(stderr, /--env FILE/);
  });

  it("points from a command that is none to the operators' tasks", () => {
    const words = ["src/cli/main.ts", "incident", "history"];
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
    assert.equal(status, 2);
    assert.match(stderr, /npx hardhat incident/);
  });
});
