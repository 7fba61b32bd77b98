import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { diffFolder, renderFiles } from "../../src/cli/monitors/render.ts";
import { listRules } from "../../src/cli/monitors/rules.ts";
import { diffDefender, syncDefender } from "../../src/cli/monitors/sync.ts";
import { InputError } from "../../src/core/errors.ts";
import { RULES } from "../../src/ops/monitors/index.ts";
import { eventRules } from "../../src/ops/render/events.ts";
import { deploymentOn } from "../ops/render/deployment.ts";
import { startRecordedDefender } from "../ops/render/recorded-defender.ts";
import { proofx } from "../support/proofx.ts";

const EVENTS = eventRules(RULES).length;

describe("proofx monitors", () => {
  const folder = mkdtempSync(join(tmpdir(), "proofx-monitors-"));
  const deployment = join(folder, "sepolia.json");
  const credentials = join(folder, "credentials");
  before(() => {
    writeFileSync(deployment, JSON.stringify(deploymentOn("sepolia", "11155111")));
    writeFileSync(credentials, "key:secret\n", { mode: 0o600 });
  });
  after(() => rmSync(folder, { recursive: true }));

  const monitors = (...args: string[]) => proofx(["monitors", ...args]);

  it("lists every rule, and those of a severity; explains one with its page and the time to act", async () => {
    const all = JSON.parse((await monitors("list", "--json")).stdout) as { rules: { id: string }[] };
    expect(all.rules.map(({ id }) => id)).to.deep.equal(RULES.map(({ id }) => id));
    const low = await monitors("list", "--severity", "low");
    expect(low.stdout).to.contain("Unpaused").and.not.contain("RoleGranted");
    const { stdout } = await monitors("explain", "Paused");
    for (const words of [
      "within 1 h",
      "PausedUntil(address,uint64)",
      "probe paused",
      "docs/runbooks/Paused.md",
    ])
      expect(stdout).to.contain(words);
  });

  it("a rule, an area, a target or a number that is not one is refused with what there is", async () => {
    const { code, stderr } = await monitors("explain", "NoSuchRule");
    expect(stderr).to.contain("Next: npx proofx monitors list");
    expect(code).to.equal(2);
    expect(() => listRules({ area: "nowhere" })).to.throw(InputError, "one of access, pause");
    expect(() => listRules({ severity: "urgent" })).to.throw(InputError, "one of critical, high");
    for (const [options, words] of [
      [{ target: "datadog" }, "one of prometheus"],
      [{ target: "oz-monitor" }, "--deployment"],
      [{ confirmations: "0" }, "--confirmations: expected a whole number from 1"],
      [{ blockTime: "fast" }, "--block-time: expected seconds"],
      [{ channel: "pigeon" }, "one of webhook, slack, discord"],
      [{ target: "oz-monitor", deployment: join(folder, "none.json") }, "cannot be read"],
    ] as const)
      expect(await renderFiles(options).then(() => "taken", String)).to.contain(words);
    expect(await syncDefender({ deployment }, () => undefined).then(() => "taken", String)).to.contain(
      "--endpoint",
    );
  });

  it("explain says who ends an alert by hand: the watcher where it tells of it, else the pager", async () => {
    const ends = async (rule: string) =>
      (await monitors("explain", rule)).stdout.split("\n").find((line) => line.startsWith("ends"));
    expect(await ends("RoleGranted"))
      .to.contain("alerts resolve KEY")
      .and.not.contain("pager");
    expect(await ends("RelayerNonceTaken"))
      .to.contain("in the pager")
      .and.not.contain("alerts resolve");
  });

  it("a folder is rendered into, and diff says 1 once somebody changed it", async () => {
    const out = join(folder, "out");
    const options = { target: "oz-monitor", deployment, out };
    expect((await renderFiles(options)).lines.at(-1)).to.contain(`${EVENTS + 2} changed`);
    expect(readdirSync(join(out, "oz-monitor/monitors"))).to.have.length(EVENTS);
    expect((await diffFolder(options)).exitCode).to.equal(0);

    const file = join(out, "oz-monitor/monitors/sepolia_upgraded.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"paused": false', '"paused": true'));
    const typed = ["--target", "oz-monitor", "--deployment", deployment, "--out", out];
    const { code, stdout } = await monitors("diff", ...typed);
    expect(code).to.equal(1);
    expect(stdout).to.contain("changed    oz-monitor/monitors/sepolia_upgraded.json:3");
  });

  it("sync shows what it would do, does it when told to, and then has nothing to do", async () => {
    const stub = await startRecordedDefender("key:secret");
    try {
      const typed = ["--deployment", deployment, "--endpoint", stub.endpoint, "--credentials", credentials];
      const shown = await monitors("sync", ...typed, "--confirmations", "5", "--notify", "on-call");
      expect(shown.stdout).to.contain(`${EVENTS} would be done`).and.contain("--apply");
      expect(stub.monitors.size).to.equal(0);

      const given = {
        deployment,
        endpoint: stub.endpoint,
        credentials,
        confirmations: "5",
        notify: ["on-call"],
      };
      const told: string[] = [];
      const sync = async () => await syncDefender({ ...given, apply: true }, (line) => told.push(line));
      expect((await sync()).lines.at(-1)).to.equal(`${EVENTS} done`);
      expect(told).to.have.length(EVENTS);
      expect(stub.monitors.size).to.equal(EVENTS);
      expect((await sync()).lines).to.deep.equal(["the account is as the rules say"]);

      stub.monitors.delete([...stub.monitors.keys()][0] ?? "");
      const { exitCode, lines } = await diffDefender(given);
      expect(exitCode).to.equal(1);
      expect(lines[0]).to.equal(`create  ProofX ${eventRules(RULES)[0]?.id} (sepolia)`);
    } finally {
      await stub.close();
    }
  });
});
