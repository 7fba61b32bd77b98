import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { HardhatHost } from "../../../scripts/hardhat-host/host.ts";
import { aleoAccount } from "../../../src/aleo/account.ts";
import { openAleo } from "../../../src/aleo/client.ts";
import { openKeyProvider, passphraseFromFile } from "../../../src/keys/index.ts";
import { type CommandResult, expectOk, expectRefused, killCommand, resultOf } from "../../support/cli.ts";
import { needsDevnode } from "../support.ts";
import { type Bench, startBench } from "./on-ledger.ts";
import { IMPOSSIBLE, TOO_SMALL, V2_FILE } from "./v2-fixture.ts";

const V4 = "agent_registry_v4.aleo";
const MIGRATE = `aleo state migrate --to ${V4} --state ${V2_FILE} --salts @salts.json --leave-out ${IMPOSSIBLE} --key admin`;

describe("Tasks of Aleo's state, as they are typed", function () {
  this.timeout(600_000);
  let folder: string;
  let bench: Bench;
  let environment: NodeJS.ProcessEnv;
  let host: HardhatHost;

  const words = (line: string) =>
    line.split(" ").map((word) => (word[0] === "@" ? join(folder, word.slice(1)) : word));
  const type = async (line: string): Promise<CommandResult> => resultOf(await host.run(words(line)));
  const keys = () =>
    openKeyProvider({
      folder: join(folder, "keys"),
      passphrase: passphraseFromFile(join(folder, "passphrase")),
      workFactor: 4,
    });

  before(async function () {
    folder = mkdtempSync(join(tmpdir(), "proofx-aleo-"));
    needsDevnode(this);
    writeFileSync(join(folder, "passphrase"), "correct horse battery staple", { mode: 0o600 });
    writeFileSync(join(folder, "proofx.toml"), `[aleo]\nfolder = "${join(folder, "aleo")}"\n`);
    bench = await startBench(false);
    environment = {
      ...process.env,
      PROOFX_ALEO_URL: bench.url,
      PROOFX_CONFIG: join(folder, "proofx.toml"),
      PROOFX_KEYS: join(folder, "keys"),
      PROOFX_PASSPHRASE_FILE: join(folder, "passphrase"),
      HARDHAT_DISABLE_TELEMETRY_PROMPT: "true",
    };
    host = new HardhatHost(environment);
    const { address } = await keys().create("admin", "aleo");
    await bench.admin.execute("credits.aleo", "transfer_public", [address ?? "", "5000000000u64"]);
    expectOk(await type("aleo state clean-slate --as 4 --key admin"));
  });

  after(async () => {
    await host?.close();
    await bench?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("migrate nobody while an agent cannot go that is not named", async () => {
    const line = MIGRATE.replace(` --leave-out ${IMPOSSIBLE}`, "");
    expectRefused(await type(`${line} --dry-run`), 3, IMPOSSIBLE);
  });

  it("show on a dry run what would be entered, and that nothing is there yet", async () => {
    const shown = await type(`${MIGRATE} --dry-run`);
    expectOk(shown);
    expect(shown.stdout)
      .to.contain("14 of 14 entries are missing")
      .and.to.contain("would enter agents[2001field]");
  });

  it("go on with a migration that was killed, compare every entry, and say who is inactive now", async () => {
    expect(await killCommand(words(MIGRATE), environment, "Entered agents[2004field]", 200)).to.equal(true);
    const dropped = await type(`${MIGRATE} --dry-run --verify`);
    expectRefused(dropped, 1, "of 14 entries are not as they should be");
    expect(dropped.stderr).to.contain(`${V4}/agents[2008field] was dropped: the ledger has no such entry`);
    const done = await type(`${MIGRATE} --verify --json`);
    expectOk(done);
    expect(done.json()).to.deep.include({ status: "migrated", verified: 14, deactivated: [TOO_SMALL] });
    expect(done.stderr).not.to.contain("Entered agents[2001field]");
  });

  it("back up what is equal to the blocks, and refuse a copy in which anything was changed", async () => {
    const taken = await type(`aleo state backup --program ${V4} --out @states --json`);
    expectOk(taken);
    const { file } = taken.json<{ file: string }>();
    writeFileSync(join(folder, "copy.json"), readFileSync(file, "utf8").replace("50000u64", "50001u64"));
    expectRefused(await type("aleo state check --state @copy.json"), 1, "its SHA-256 is");
    expectRefused(await type("aleo state restore --state @copy.json --key admin"), 1, "its SHA-256 is");
  });

  it("restore over what is there already without sending anything, and compare it", async () => {
    const { file } = (await type(`aleo state backup --program ${V4} --out @states --json`)).json<{
      file: string;
    }>();
    const before = await bench.ledger.height();
    const restored = await type(`aleo state restore --state ${file} --registry ${V4} --key admin --json`);
    expectOk(restored);
    expect(restored.json()).to.deep.include({ status: "restored", missing: 0, verified: 14, left_out: [] });
    expect(await bench.ledger.height()).to.equal(before);
    expectRefused(
      await type(`aleo state restore --state ${V2_FILE} --key admin`),
      2,
      "the state of a version 3 registry",
    );
  });

  it("take a snapshot into the folder that was named", async () => {
    expectOk(await type(`aleo state snapshot --program ${V4} --last 3 --out @snapshot`));
    const manifest = JSON.parse(readFileSync(join(folder, "snapshot", "snapshot.json"), "utf8"));
    expect(manifest.missing).to.deep.equal([]);
    expect(manifest.summary.transactions).to.include({ kept: 3 });
  });

  it("find an entry that was doubled, and close nothing then", async () => {
    const client = openAleo({ ledger: bench.ledger, account: await aleoAccount(keys(), "admin") });
    const inputs = [bench.alice.address, "50000u64", "8500u32", "5field", "true", "100u32"];
    await client.execute(V4, "migrate_agent", ["99field", ...inputs]);
    expectRefused(
      await type(`${MIGRATE} --dry-run --verify`),
      1,
      "agents[99field] is not in what was to be entered",
    );
    expectRefused(
      await type(`${MIGRATE} --verify --close`),
      3,
      "it has 13 agents, of which these entries explain 12",
    );
    expect(await bench.ledger.mapping(V4, "migration", "true")).to.equal("true");
  });

  it("deploy nothing under a name that is used", async () => {
    expectRefused(await type("aleo state clean-slate --as 4 --key admin"), 3, "agent_registry_v4.aleo is on");
  });
});
