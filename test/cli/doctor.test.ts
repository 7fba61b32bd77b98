import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { proofx } from "../support/proofx.ts";

describe("proofx doctor", () => {
  const folder = mkdtempSync(join(tmpdir(), "proofx-doctor-"));
  after(() => rmSync(folder, { recursive: true }));

  it("finds nothing lacking where the tests run", async () => {
    const { code, stdout } = await proofx(["doctor"], { PROOFX_KEYS: folder });
    expect(code, stdout).to.equal(0);
    expect(stdout)
      .to.match(/^ok +chain/m)
      .and.to.include("Nothing is lacking.");
  });

  it("fails, and says how to mend it, when a keystore is open to others", async () => {
    chmodSync(folder, 0o755);
    const { code, stdout } = await proofx(["doctor"], { PROOFX_KEYS: folder });
    chmodSync(folder, 0o700);
    expect(code).to.equal(1);
    expect(stdout)
      .to.match(/^LACK +keystore/m)
      .and.to.include(`chmod 700 ${folder}`);
  });

  it("looks at what the configured relayer needs, and names endpoints by number", async () => {
    const config = join(folder, "relayer.toml");
    const rpc = "http://127.0.0.1:9/secret-api-key";
    const sample = readFileSync("config/proofx.toml", "utf8");
    const relayer = sample.slice(sample.indexOf("[relayer]"), sample.indexOf("[coordinator]"));
    writeFileSync(config, relayer.replace(/rpc_urls = .*/, `rpc_urls = ["${rpc}"]`));
    const { code, stdout } = await proofx(["doctor", "--config", config, "--json"]);
    expect(code).to.equal(1);
    const { findings } = JSON.parse(stdout) as { findings: { name: string; status: string }[] };
    const lacking = findings.filter(({ status }) => status === "lack").map(({ name }) => name);
    expect(lacking).to.include.members(["relayer", "rpc", "keys"]);
    expect(stdout).not.to.include("secret-api-key");
  });

  it("looks at what the configured prover and coordinator need", async () => {
    const config = join(folder, "services.toml");
    const key = join(folder, "queue-key");
    writeFileSync(key, "ab".repeat(32), { mode: 0o600 });
    writeFileSync(
      config,
      [
        "[coordinator]",
        `ceremony = "${join(folder, "no-ceremony")}"`,
        `state = "${join(folder, "uploads")}"`,
        "[coordinator.http]",
        "port = 8795",
        "[prover]",
        'queue = "postgres"',
        `queue_key_file = "${key}"`,
        "[[prover.circuits]]",
        "version = 1",
        'wasm = "no.wasm"',
        'zkey = "no.zkey"',
      ].join("\n"),
    );
    const database = { PROOFX_PROVER_DATABASE_URL: "postgres://me:secret-password@127.0.0.1:9/none" };
    const { code, stdout } = await proofx(["doctor", "--config", config, "--json"], database);
    expect(code).to.equal(1);
    const { findings } = JSON.parse(stdout) as { findings: { name: string; status: string }[] };
    const named = Object.fromEntries(findings.map(({ name, status }) => [name, status]));
    expect(named).to.include({ ceremony: "lack", uploads: "ok", circuits: "lack", queue: "lack" });
    expect(stdout).not.to.include("secret-password");
  });

  it("looks at what the configured witness needs", async () => {
    const config = join(folder, "witness.toml");
    const heads = join(folder, "heads");
    writeFileSync(config, `[witness]\nname = "w.example"\nfolder = "${heads}"\n[witness.http]\nport = 0\n`);
    const { code, stdout } = await proofx(["doctor", "--config", config, "--json"], { PROOFX_KEYS: folder });
    expect(code).to.equal(1);
    const { findings } = JSON.parse(stdout) as {
      findings: { name: string; status: string; mend?: string }[];
    };
    const found = (name: string) => findings.find((each) => each.name === name);
    expect(found("witness key")?.status).to.equal("lack");
    expect(found("witness key")?.mend).to.contain("keys create --name witness");
    expect(found("witness heads")?.status).to.equal("ok");
  });

  it("reads the configuration it is given", async () => {
    const { code, stdout } = await proofx(["doctor", "--config", "config/proofx.toml", "--json"]);
    expect(code).to.equal(1);
    const { findings } = JSON.parse(stdout);
    expect(findings.find(({ name }: { name: string }) => name === "config").status).to.equal("lack");
  });
});
