import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import type { Health } from "../../src/ops/health/index.ts";
import type { Report } from "../../src/ops/reports/index.ts";
import { expectOk } from "../support/cli.ts";
import { type Governed, startGoverned } from "../support/governed.ts";
import { proofx } from "../support/proofx.ts";

describe("proofx health and proofx ops", function () {
  this.timeout(240_000);

  let chain: Governed;
  let service: Server;
  let config: string;
  let env: NodeJS.ProcessEnv;
  before(async () => {
    chain = await startGoverned();
    service = createServer((_request, response) => {
      response.end(JSON.stringify({ ready: true, obstacles: [] }));
    });
    await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
    config = chain.path("health.toml");
    writeConfig(chain.rpcUrl);
    env = {
      PROOFX_KEYS: chain.path("keys"),
      PROOFX_DEPLOYMENTS: chain.deployments,
      PROOFX_ALEO_URL: undefined,
    };
  });
  after(async () => {
    service?.close();
    await chain?.close();
  });

  function writeConfig(rpcUrl: string): void {
    const account = `{ name = "submitter", address = "${chain.account("anchorer")}", min_balance = "1" }`;
    writeFileSync(
      config,
      [
        "[watcher]",
        `deployment = "${chain.path("deployments/local.json")}"`,
        `rpc_urls = ["${rpcUrl}"]`,
        "[health]",
        "disk_free = 0.000001",
        `accounts = [${account}]`,
        "[health.services]",
        `prover = "http://127.0.0.1:${(service.address() as AddressInfo).port}"`,
        "[keys.schedule.signers]",
        'keys = ["signer"]',
      ].join("\n"),
    );
  }

  async function health(): Promise<{ code: number; parts: Map<string, Health["parts"][number]> }> {
    const { code, stdout } = await proofx(["health", "--config", config, "--json"], env);
    const { parts } = JSON.parse(stdout) as Health;
    return { code, parts: new Map(parts.map((part) => [part.part, part])) };
  }

  it("finds every configured part well, and says of the others that nobody looks at them", async () => {
    const { code, stdout } = await proofx(["health", "--config", config], env);
    expect(code, stdout).to.equal(0);
    for (const part of ["chain", "contracts", "paused", "prover", "accounts", "keys", "disk", "clock"])
      expect(stdout).to.match(new RegExp(`^ok +${part} `, "m"));
    expect(stdout)
      .to.match(/^- +witness +not looked at$/m)
      .and.to.include("nothing is wrong");
  });

  it("names what is wrong with the page that says what to do, and ends with 1", async () => {
    expectOk(await chain.onChain("pause --key guardian"));
    const { code, parts } = await health();
    expect(code).to.equal(1);
    expect(parts.get("paused")?.status).to.equal("wrong");
    expect(parts.get("contracts")?.status).to.equal("ok");
    expectOk(await chain.onChain("unpause --key admin"));
    expect((await health()).code).to.equal(0);
  });

  it("takes what it cannot find out for nothing good, and keeps an endpoint's key to itself", async () => {
    writeConfig("http://127.0.0.1:9/secret-api-key");
    const { code, parts } = await health();
    writeConfig(chain.rpcUrl);
    expect(code).to.equal(1);
    for (const part of ["chain", "contracts", "paused", "timelock", "accounts"])
      expect(parts.get(part)?.status, part).to.equal("unknown");
    expect(parts.get("prover")?.status).to.equal("ok");
    expect(JSON.stringify([...parts])).not.to.include("secret-api-key");
  });

  it("refuses a configuration that is none, by what is wrong with it", async () => {
    const broken = chain.path("broken.toml");
    writeFileSync(broken, "[health]\ndisk_free = 7\n");
    const { code, stderr } = await proofx(["health", "--config", broken], env);
    expect(code).to.equal(2);
    expect(stderr).to.include("health.disk_free: expected a share above 0 and below 1, got 7");
    expect((await proofx(["health", "--config", chain.path("none.toml")], env)).code).to.equal(4);
  });

  it("daily: nothing to do while all is well; Markdown into a file where it is asked for", async () => {
    const out = chain.path("daily.md");
    const { code, stdout } = await proofx(["ops", "daily", "--config", config, "--out", out], env);
    expect(code, stdout).to.equal(0);
    const text = readFileSync(out, "utf8");
    expect(text)
      .to.match(/^# Daily report, \d{4}-\d\d-\d\d$/m)
      .and.to.include("Nothing is to do.");
    expect(text).to.match(/^\| signer \| signer is 0 days old, due /m);
  });

  it("monthly: holds the contracts against source and settings, and names a role that nobody planned", async () => {
    const audit = async () => {
      const { stdout } = await proofx(["ops", "monthly", "--config", config, "--json"], env);
      const { sections } = JSON.parse(stdout) as Report;
      return sections.find(({ title }) => title === "Contract audit");
    };
    expect((await audit())?.todo).to.deep.equal([]);
    expectOk(await chain.onChain("roles grant --role SIGNER --account #stranger --key admin"));
    const found = await audit();
    const value = `${chain.account("stranger")}, granted later`;
    expect(found?.facts).to.deep.include({ name: "verifier: SIGNER_ROLE", value });
  });
});
